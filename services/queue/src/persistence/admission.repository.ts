import { statement, type Transaction } from '@encore/database';

/** One room's orders to the pass: let in the first `count` who have not lapsed. */
export interface Admission {
  readonly roomId: string;
  readonly count: number;
  readonly activeSeconds: number;
  /** A waiter last seen at or before this instant is passed over and removed. */
  readonly lapsedIfSeenBy: Date;
}

export interface PassedEntry {
  readonly entryId: number;
  readonly roomId: string;
  readonly userId: number;
}

export interface AdmittedEntry extends PassedEntry {
  readonly activeUntil: Date;
}

/** How many no-shows one pass may step over to find the next who is there; the rest wait a tick. */
const NO_SHOWS_PER_PASS = 250;
/** Entries whose time is over that one pass ends per room; the next tick continues. */
const LAPSES_PER_PASS = 1_000;

interface PassedRow {
  entry_id: number;
  room_id: string;
  user_id: number;
  active_until: Date | null;
}

const endLapsedActive = statement(
  'queue.end-lapsed-active-entries',
  `UPDATE entries SET state = 'EXPIRED', ended_at = active_until
     FROM unnest($1::text[]) AS asked (room_id) CROSS JOIN LATERAL (
       SELECT entry_id FROM entries AS candidate
        WHERE candidate.room_id = asked.room_id AND candidate.state = 'ACTIVE'
          AND candidate.active_until <= $2
        ORDER BY candidate.active_until LIMIT ${LAPSES_PER_PASS}) AS lapsed
    WHERE entries.entry_id = lapsed.entry_id
   RETURNING entries.entry_id, entries.room_id, entries.user_id, entries.active_until`,
);

// From the head of the line, in the order of places, never looking past a bounded stretch: those
// who stopped polling expire, of the others the first so many become active. Only a poll that is
// just being noted can change a row meanwhile: the condition is asked again, and who polled stays.
const admit = statement(
  'queue.admit-from-head',
  `WITH head AS MATERIALIZED (
     SELECT entry.entry_id, entry.place, asked.*,
            entry.last_seen_at <= asked.lapsed_if_seen_by AS lapsed
       FROM unnest($1::text[], $2::int[], $3::int[], $4::timestamptz[])
         AS asked (room_id, count, active_seconds, lapsed_if_seen_by)
      CROSS JOIN LATERAL (
        SELECT entry_id, place, last_seen_at FROM entries
         WHERE entries.room_id = asked.room_id AND entries.state = 'WAITING'
         ORDER BY place LIMIT asked.count + ${NO_SHOWS_PER_PASS}) AS entry),
   counted AS (
     SELECT *, count(*) FILTER (WHERE NOT lapsed) OVER (PARTITION BY room_id ORDER BY place) AS turn
       FROM head)
   UPDATE entries
      SET state = CASE WHEN lapsed THEN 'EXPIRED' ELSE 'ACTIVE' END,
          ended_at = CASE WHEN lapsed THEN $5::timestamptz END,
          admitted_at = CASE WHEN NOT lapsed THEN $5::timestamptz END,
          active_until = CASE WHEN NOT lapsed
                              THEN $5::timestamptz + active_seconds * interval '1 second' END
     FROM counted
    WHERE entries.entry_id = counted.entry_id AND entries.state = 'WAITING'
      AND CASE WHEN lapsed THEN entries.last_seen_at <= counted.lapsed_if_seen_by
               ELSE turn <= counted.count END
   RETURNING entries.entry_id, entries.room_id, entries.user_id, entries.active_until`,
);

const readStretch = statement(
  'queue.read-stretch-of-line',
  `SELECT asked.room_id, count(*)::int AS examined, max(entry.place) AS last_place,
          coalesce(array_agg(entry.entry_id) FILTER (
            WHERE entry.last_seen_at <= asked.lapsed_if_seen_by), '{}') AS lapsed
     FROM unnest($1::text[], $2::bigint[], $3::timestamptz[])
       AS asked (room_id, after_place, lapsed_if_seen_by)
    CROSS JOIN LATERAL (
      SELECT entry_id, place, last_seen_at FROM entries
       WHERE entries.room_id = asked.room_id AND entries.state = 'WAITING'
         AND entries.place > asked.after_place
       ORDER BY place LIMIT $4) AS entry
    GROUP BY asked.room_id`,
);

// Asks again whether they lapsed: one of them may have polled since he was found.
const endNoShows = statement(
  'queue.end-no-shows',
  `UPDATE entries SET state = 'EXPIRED', ended_at = $3
     FROM unnest($1::bigint[], $2::timestamptz[]) AS asked (entry_id, lapsed_if_seen_by)
    WHERE entries.entry_id = asked.entry_id AND entries.state = 'WAITING'
      AND entries.last_seen_at <= asked.lapsed_if_seen_by
   RETURNING entries.entry_id, entries.room_id, entries.user_id, entries.active_until`,
);

/** Ends active entries whose time is over, the longest overdue first. Under the rooms' locks. */
export async function endLapsedActiveEntries(
  tx: Transaction,
  roomIds: readonly string[],
  now: Date,
): Promise<PassedEntry[]> {
  return (await tx.query<PassedRow>(endLapsedActive, [roomIds, now])).map(passed);
}

/**
 * Lets in from the head of each line, and removes the no-shows found on the way. Under the rooms'
 * locks.
 */
export async function admitFromHead(
  tx: Transaction,
  admissions: readonly Admission[],
  now: Date,
): Promise<{ admitted: AdmittedEntry[]; noShows: PassedEntry[] }> {
  const rows = await tx.query<PassedRow>(admit, [
    admissions.map((admission) => admission.roomId),
    admissions.map((admission) => admission.count),
    admissions.map((admission) => admission.activeSeconds),
    admissions.map((admission) => admission.lapsedIfSeenBy),
    now,
  ]);
  const admitted: AdmittedEntry[] = [];
  const noShows: PassedEntry[] = [];
  for (const row of rows) {
    if (row.active_until === null) noShows.push(passed(row));
    else admitted.push({ ...passed(row), activeUntil: row.active_until });
  }
  return { admitted, noShows };
}

/**
 * Looks through the next stretch of each line and says how far it came: 0 when it reached the end.
 */
export async function removeNoShows(
  tx: Transaction,
  stretches: readonly { roomId: string; afterPlace: number; lapsedIfSeenBy: Date }[],
  limit: number,
  now: Date,
): Promise<{ removed: PassedEntry[]; sweptPlaces: Map<string, number> }> {
  type StretchRow = { room_id: string; examined: number; last_place: number; lapsed: number[] };
  const rows = await tx.query<StretchRow>(readStretch, [
    stretches.map((stretch) => stretch.roomId),
    stretches.map((stretch) => stretch.afterPlace),
    stretches.map((stretch) => stretch.lapsedIfSeenBy),
    limit,
  ]);
  const sweptPlaces = new Map(
    rows.map((row) => [row.room_id, row.examined < limit ? 0 : row.last_place]),
  );
  const thresholds = new Map(stretches.map((stretch) => [stretch.roomId, stretch.lapsedIfSeenBy]));
  const found = rows.flatMap((row) =>
    row.lapsed.map((entryId) => ({ entryId, threshold: thresholds.get(row.room_id) })),
  );
  if (found.length === 0) return { removed: [], sweptPlaces };
  const removed = await tx.query<PassedRow>(endNoShows, [
    found.map((entry) => entry.entryId),
    found.map((entry) => entry.threshold),
    now,
  ]);
  return { removed: removed.map(passed), sweptPlaces };
}

function passed(row: PassedRow): PassedEntry {
  return { entryId: row.entry_id, roomId: row.room_id, userId: row.user_id };
}
