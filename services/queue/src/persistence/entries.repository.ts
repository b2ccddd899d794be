import { statement, type Queryable, type Transaction } from '@encore/database';
import { isLive, type EndState, type Entry, type LiveEntry } from '../domain/entry.js';
import type { Secrets } from '../domain/pass.js';

/** Whom a message is about. */
export interface Person {
  readonly roomId: string;
  readonly userId: number;
}

export interface NewEntry extends Person, Secrets {
  readonly place: number;
}

export interface EntryRow {
  entry_id: number;
  room_id: string;
  user_id: number;
  place: number;
  state: Entry['state'];
  joined_at: Date;
  last_seen_at: Date;
  active_until: Date | null;
  ended_at: Date | null;
}

export const ENTRY_COLUMNS = `entry.entry_id, entry.room_id, entry.user_id, entry.place, entry.state,
  entry.joined_at, entry.last_seen_at, entry.active_until, entry.ended_at`;

const ASKED = `unnest($1::text[], $2::bigint[]) AS asked (room_id, user_id)`;

/** A live entry is always the latest of its person. */
export const LATEST_OF_EACH = `${ASKED} CROSS JOIN LATERAL (
  SELECT * FROM entries
   WHERE entries.room_id = asked.room_id AND entries.user_id = asked.user_id
   ORDER BY entry_id DESC LIMIT 1) AS entry`;

const findLive = statement(
  'queue.find-live-entries',
  `SELECT ${ENTRY_COLUMNS} FROM ${ASKED} CROSS JOIN LATERAL (
     SELECT * FROM entries
      WHERE entries.room_id = asked.room_id AND entries.user_id = asked.user_id
        AND entries.state IN ('WAITING', 'ACTIVE') LIMIT 1) AS entry`,
);

const findLatest = statement(
  'queue.find-latest-entries',
  `SELECT ${ENTRY_COLUMNS} FROM ${LATEST_OF_EACH}`,
);

const findById = statement(
  'queue.find-entries',
  `SELECT ${ENTRY_COLUMNS} FROM entries AS entry WHERE entry_id = ANY ($1::bigint[])`,
);

const insert = statement(
  'queue.insert-entries',
  `INSERT INTO entries (room_id, user_id, place, token_id, token_uuid,
                        state, joined_at, last_seen_at)
   SELECT room_id, user_id, place, token_id, token_uuid, 'WAITING', $6, $6
     FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::uuid[])
       AS new (room_id, user_id, place, token_id, token_uuid)`,
);

const end = statement(
  'queue.end-entries',
  `UPDATE entries
      SET state = new.state, ended_at = coalesce(entries.ended_at, new.ended_at),
          payment_id = coalesce(new.payment_id, entries.payment_id)
     FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::bigint[])
       AS new (entry_id, state, ended_at, payment_id)
    WHERE entries.entry_id = new.entry_id`,
);

// Skips rows somebody is changing: they are being marked by another poll, or let in, or removed.
// So this never waits for anybody and nobody ever waits in a circle because of it.
const markSeen = statement(
  'queue.mark-waiters-seen',
  `WITH asked AS (
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])
       AS asked (room_id, user_id, mark_if_seen_by, lapsed_if_seen_by)),
   due AS MATERIALIZED (
     SELECT entry.entry_id FROM asked CROSS JOIN LATERAL (
       SELECT entry_id FROM entries
        WHERE entries.room_id = asked.room_id AND entries.user_id = asked.user_id
          AND entries.state IN ('WAITING', 'ACTIVE') AND entries.state = 'WAITING'
          AND entries.last_seen_at <= asked.mark_if_seen_by
          AND entries.last_seen_at > asked.lapsed_if_seen_by
          FOR NO KEY UPDATE SKIP LOCKED) AS entry)
   UPDATE entries SET last_seen_at = $5 FROM due WHERE entries.entry_id = due.entry_id`,
);

const readHead = statement(
  'queue.read-head-of-line',
  `SELECT asked.room_id, ARRAY(
     SELECT place FROM entries
      WHERE entries.room_id = asked.room_id AND entries.state = 'WAITING'
        AND entries.place <= asked.up_to_place AND entries.last_seen_at > asked.lapsed_if_seen_by
      ORDER BY place LIMIT $4) AS places
     FROM unnest($1::text[], $2::bigint[], $3::timestamptz[])
       AS asked (room_id, up_to_place, lapsed_if_seen_by)`,
);

/** The entries of these people that are live in the books; their time may be over all the same. */
export async function findLiveEntries(
  db: Queryable,
  people: readonly Person[],
): Promise<LiveEntry[]> {
  return (await db.query<EntryRow>(findLive, columnsOf(people))).map(entryOf).filter(isLive);
}

/** The latest entry of each of these people; who never joined is left out. */
export async function findLatestEntries(
  db: Queryable,
  people: readonly Person[],
): Promise<Entry[]> {
  return (await db.query<EntryRow>(findLatest, columnsOf(people))).map(entryOf);
}

export async function findEntries(db: Queryable, entryIds: readonly number[]): Promise<Entry[]> {
  return (await db.query<EntryRow>(findById, [entryIds])).map(entryOf);
}

/** Under the rooms' locks: the places come from the rooms' counters. */
export function insertEntries(tx: Transaction, entries: readonly NewEntry[], joinedAt: Date): void {
  tx.write(insert, [
    ...columnsOf(entries),
    entries.map((entry) => entry.place),
    entries.map((entry) => entry.tokenId),
    entries.map((entry) => entry.tokenUuid),
    joinedAt,
  ]);
}

/** Under the rooms' locks. An end that was recorded before keeps its time. */
export function endEntries(
  tx: Transaction,
  ends: readonly { entryId: number; state: EndState; endedAt: Date; paymentId?: number }[],
): void {
  tx.write(end, [
    ends.map((one) => one.entryId),
    ends.map((one) => one.state),
    ends.map((one) => one.endedAt),
    ends.map((one) => one.paymentId ?? null),
  ]);
}

/**
 * Writes that these people were heard of, where the last such note is old enough to matter and they
 * have not lapsed. Safe beside everything else: it takes no room's lock and waits for none.
 */
export async function markWaitersSeen(
  db: Queryable,
  people: readonly (Person & { markIfSeenBy: Date; lapsedIfSeenBy: Date })[],
  now: Date,
): Promise<void> {
  await db.query(markSeen, [
    ...columnsOf(people),
    people.map((person) => person.markIfSeenBy),
    people.map((person) => person.lapsedIfSeenBy),
    now,
  ]);
}

/**
 * The lowest places still waited for, ascending, at most `limit` per room and none above
 * `upToPlace`.
 */
export async function readHeads(
  db: Queryable,
  lines: readonly { roomId: string; upToPlace: number; lapsedIfSeenBy: Date }[],
  limit: number,
): Promise<Map<string, number[]>> {
  const rows = await db.query<{ room_id: string; places: number[] }>(readHead, [
    lines.map((line) => line.roomId),
    lines.map((line) => line.upToPlace),
    lines.map((line) => line.lapsedIfSeenBy),
    limit,
  ]);
  return new Map(rows.map((row) => [row.room_id, row.places]));
}

export function columnsOf(people: readonly Person[]): [string[], number[]] {
  return [people.map((person) => person.roomId), people.map((person) => person.userId)];
}

export function entryOf(row: EntryRow): Entry {
  const taken = {
    entryId: row.entry_id,
    roomId: row.room_id,
    userId: row.user_id,
    place: row.place,
    joinedAt: row.joined_at,
    lastSeenAt: row.last_seen_at,
  };
  const { state, active_until: activeUntil, ended_at: endedAt } = row;
  if (state === 'WAITING') return { ...taken, state };
  // The table's constraints promise both times; without them the row is not what it says it is.
  if (state === 'ACTIVE' && activeUntil !== null) return { ...taken, state, activeUntil };
  if (state !== 'ACTIVE' && endedAt !== null) return { ...taken, state, activeUntil, endedAt };
  throw new Error(`Entry ${row.entry_id} is ${state} without the time that belongs to it`);
}
