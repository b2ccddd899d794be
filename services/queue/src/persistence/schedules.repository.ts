import { statement, type Queryable, type Transaction } from '@encore/database';

export interface PublishedSchedule {
  readonly scheduleId: number;
  readonly version: number;
  readonly seatCount: number;
}

export interface SeatsLeft {
  readonly scheduleId: number;
  readonly version: number;
  readonly seatsLeft: number;
}

// A batch may hold several versions of one schedule and arrive after a newer one: the highest wins,
// and a statement may not touch the same row twice.
const savePublished = statement(
  'queue.save-published-schedules',
  `INSERT INTO schedules AS known (schedule_id, published_version, seat_count)
   SELECT DISTINCT ON (schedule_id) schedule_id, version, seat_count
     FROM unnest($1::bigint[], $2::bigint[], $3::int[]) AS new (schedule_id, version, seat_count)
    ORDER BY schedule_id, version DESC
   ON CONFLICT (schedule_id) DO UPDATE
      SET published_version = excluded.published_version, seat_count = excluded.seat_count
    WHERE known.published_version < excluded.published_version`,
);

const saveSeats = statement(
  'queue.save-seats-left',
  `INSERT INTO schedules AS known (schedule_id, seats_version, seats_left)
   SELECT DISTINCT ON (schedule_id) schedule_id, version, seats_left
     FROM unnest($1::bigint[], $2::bigint[], $3::int[]) AS new (schedule_id, version, seats_left)
    ORDER BY schedule_id, version DESC
   ON CONFLICT (schedule_id) DO UPDATE
      SET seats_version = excluded.seats_version, seats_left = excluded.seats_left
    WHERE known.seats_version < excluded.seats_version`,
);

const exists = statement(
  'queue.find-schedule',
  `SELECT schedule_id FROM schedules WHERE schedule_id = $1`,
);

export function savePublishedSchedules(
  tx: Transaction,
  schedules: readonly PublishedSchedule[],
): void {
  tx.write(savePublished, [
    schedules.map((schedule) => schedule.scheduleId),
    schedules.map((schedule) => schedule.version),
    schedules.map((schedule) => schedule.seatCount),
  ]);
}

export function saveSeatsLeft(tx: Transaction, changes: readonly SeatsLeft[]): void {
  tx.write(saveSeats, [
    changes.map((change) => change.scheduleId),
    changes.map((change) => change.version),
    changes.map((change) => change.seatsLeft),
  ]);
}

export async function isKnownSchedule(db: Queryable, scheduleId: number): Promise<boolean> {
  return (await db.query(exists, [scheduleId])).length > 0;
}
