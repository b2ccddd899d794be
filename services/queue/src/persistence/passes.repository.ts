import { statement, type Queryable, type Transaction } from '@encore/database';
import type { LiveEntry } from '../domain/entry.js';
import type { Pass, Secrets } from '../domain/pass.js';
import {
  columnsOf,
  ENTRY_COLUMNS,
  entryOf,
  LATEST_OF_EACH,
  type EntryRow,
  type Person,
} from './entries.repository.js';

/** One of the two secrets of a pass. */
export type Secret = Pick<Secrets, 'tokenId'> | Pick<Secrets, 'tokenUuid'>;

interface PassRow extends EntryRow {
  token_id: number;
  token_uuid: string;
}

const findBySecret = statement(
  'queue.find-passes',
  `SELECT pass.token_id, pass.token_uuid, ${ENTRY_COLUMNS}
     FROM (SELECT entry_id FROM entries WHERE token_id = ANY ($1::bigint[])
           UNION SELECT entry_id FROM entries WHERE token_uuid = ANY ($2::uuid[])) AS found
     JOIN entries AS pass USING (entry_id)
     JOIN entries AS entry ON entry.entry_id = coalesce(pass.leads_to_entry_id, pass.entry_id)`,
);

const findLatest = statement(
  'queue.find-latest-passes',
  `SELECT entry.token_id, entry.token_uuid, ${ENTRY_COLUMNS} FROM ${LATEST_OF_EACH}`,
);

const drawGuests = statement(
  'queue.draw-guest-ids',
  `SELECT nextval('guest_ids') AS user_id FROM generate_series(1, $1::int)`,
);

const giveUp = statement(
  'queue.give-up-place-with-secrets',
  `UPDATE entries SET state = 'LEFT', ended_at = $2, token_id = $3, token_uuid = $4
    WHERE entry_id = $1`,
);

const takeOver = statement(
  'queue.take-over-place',
  `INSERT INTO entries (room_id, user_id, place, state, joined_at, last_seen_at, admitted_at,
                        active_until, token_id, token_uuid)
   SELECT room_id, $2, place, $3, joined_at, $4, admitted_at, active_until, $5, $6
     FROM entries WHERE entry_id = $1
   RETURNING entry_id`,
);

const lead = statement(
  'queue.lead-pass-elsewhere',
  `UPDATE entries SET leads_to_entry_id = $2 WHERE entry_id = $1`,
);

/** The passes these secrets belong to; a secret nobody was given is left out. */
export async function findPasses(db: Queryable, secrets: readonly Secret[]): Promise<Pass[]> {
  const ids = secrets.flatMap((secret) => ('tokenId' in secret ? secret.tokenId : []));
  const uuids = secrets.flatMap((secret) => ('tokenUuid' in secret ? secret.tokenUuid : []));
  return (await db.query<PassRow>(findBySecret, [ids, uuids])).map(passOf);
}

/** The latest entry of each of these people with its secrets; who never joined is left out. */
export async function findLatestPasses(db: Queryable, people: readonly Person[]): Promise<Pass[]> {
  return (await db.query<PassRow>(findLatest, columnsOf(people))).map(passOf);
}

/** User ids nobody has had before. */
export async function drawGuestIds(tx: Transaction, count: number): Promise<number[]> {
  const rows = await tx.query<{ user_id: number }>(drawGuests, [count]);
  return rows.map((row) => row.user_id);
}

/**
 * Makes the guest's place the user's: an entry of the user's with the place, the times and the
 * secrets of the guest's, whose own ends and is left with secrets nobody knows. Under the room's
 * lock. Gives back the id of the user's entry.
 */
export async function handOverPlace(
  tx: Transaction,
  { pass, guest, userId }: { pass: Secrets; guest: LiveEntry; userId: number },
  forgotten: Secrets,
  now: Date,
): Promise<number> {
  const { entryId, state } = guest;
  await tx.query(giveUp, [entryId, now, forgotten.tokenId, forgotten.tokenUuid]);
  const [row] = await tx.query<{ entry_id: number }>(takeOver, [
    entryId,
    userId,
    state,
    now,
    pass.tokenId,
    pass.tokenUuid,
  ]);
  if (row === undefined) throw new Error(`Entry ${entryId} vanished under its room's lock`);
  return row.entry_id;
}

/** From now on the secrets of an entry that was given up tell of another one. */
export async function leadElsewhere(
  tx: Transaction,
  entryId: number,
  leadsToEntryId: number,
): Promise<void> {
  await tx.query(lead, [entryId, leadsToEntryId]);
}

function passOf(row: PassRow): Pass {
  return { tokenId: row.token_id, tokenUuid: row.token_uuid, entry: entryOf(row) };
}
