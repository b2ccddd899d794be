import type { PayloadOf, SeatsChanged } from '@encore/contracts';
import { statement, type Transaction } from '@encore/database';
import type { Schedule } from '../domain/schedule.js';
import { noteFreed, type SeatChanges } from '../domain/seats-changed.js';

/**
 * Some schedules, locked by this transaction: nobody else changes who owns their seats before it
 * ends. Holds that had lapsed by `now` are already expired, so whatever reads HELD is alive.
 */
export interface LockedSchedules {
  /** The database's clock, read after the locks were had; every decision uses this instant. */
  readonly now: Date;
  readonly schedules: ReadonlyMap<number, LockedSchedule>;
  /** What this transaction does to the seats; starts with those that lapsed holds gave back. */
  readonly changes: Map<number, SeatChanges>;
}

/** A schedule with what only the owner of its lock can count on. */
interface LockedSchedule extends Schedule {
  readonly seatsVersion: number;
  /** Seats nobody owned when the lock was had, before the lapsed holds gave back theirs. */
  readonly seatsLeft: number;
}

interface ScheduleRow {
  schedule_id: number;
  concert_id: number;
  concert_name: string;
  starts_at: Date;
  sales_open_at: Date;
  sale_open: boolean;
}

interface LockedRow extends ScheduleRow {
  seats_version: number;
  seats_left: number;
}

const COLUMNS = `schedule_id, concert_id, concert_name, starts_at, sales_open_at, sale_open,
  seats_version, seat_count - owned_seats AS seats_left`;

/** Of the schedules whose ids are asked for, and of those that reservations are for. */
const ASKED = `schedule_id = ANY ($1::bigint[])`;
const OF_RESERVATIONS = `schedule_id IN (
     SELECT schedule_id FROM reservations WHERE reservation_id = ANY ($1::bigint[])
   )`;

const LOCK_SCHEDULES = statement(
  'reservation-lock-schedules',
  `SELECT ${COLUMNS} FROM schedules
   WHERE ${ASKED}
   ORDER BY schedule_id FOR NO KEY UPDATE`,
);

const LOCK_SCHEDULES_OF_RESERVATIONS = statement(
  'reservation-lock-schedules-of-reservations',
  `SELECT ${COLUMNS} FROM schedules
   WHERE ${OF_RESERVATIONS}
   ORDER BY schedule_id FOR NO KEY UPDATE`,
);

const LOCK_SCHEDULES_WITH_LAPSED_HOLDS = statement(
  'reservation-lock-schedules-with-lapsed-holds',
  `SELECT ${COLUMNS} FROM schedules
   WHERE schedule_id IN (
     SELECT schedule_id FROM reservations
     WHERE state = 'HELD' AND expires_at <= statement_timestamp()
     GROUP BY schedule_id LIMIT $1
   )
   ORDER BY schedule_id FOR NO KEY UPDATE SKIP LOCKED`,
);

/**
 * Runs after the locks are had, so it sees everything that was committed before. The clock is cut
 * to milliseconds: what a Date can hold and a client is told is what is compared here.
 */
const CLOCK = `clock AS MATERIALIZED (
     SELECT date_trunc('milliseconds', clock_timestamp()) AS now
   )`;
const FREED = `freed AS (
     UPDATE reservation_seats SET owns = false
     FROM lapsed
     WHERE reservation_seats.reservation_id = lapsed.reservation_id AND owns
     RETURNING reservation_seats.schedule_id, reservation_seats.seat_number
   )`;

const EXPIRE_LAPSED_HOLDS = statement(
  'reservation-expire-lapsed-holds',
  `WITH ${CLOCK}, lapsed AS (
     UPDATE reservations SET state = 'EXPIRED', expires_at = NULL
     FROM clock
     WHERE ${ASKED} AND state = 'HELD' AND expires_at <= clock.now
     RETURNING reservation_id
   ), ${FREED}
   SELECT clock.now, freed.schedule_id, freed.seat_number FROM clock LEFT JOIN freed ON true`,
);

const EXPIRE_LAPSED_HOLDS_OF_RESERVATIONS = statement(
  'reservation-expire-lapsed-holds-of-reservations',
  `WITH ${CLOCK}, lapsed AS (
     UPDATE reservations SET state = 'EXPIRED', expires_at = NULL
     FROM clock
     WHERE ${OF_RESERVATIONS} AND state = 'HELD' AND expires_at <= clock.now
     RETURNING reservation_id
   ), ${FREED}
   SELECT clock.now, freed.schedule_id, freed.seat_number FROM clock LEFT JOIN freed ON true`,
);

const NEXT_VERSIONS = statement(
  'reservation-next-versions',
  `UPDATE schedules
   SET seats_version = seats_version + 1, owned_seats = owned_seats + change.owned_delta
   FROM unnest($1::bigint[], $2::integer[]) AS change (schedule_id, owned_delta)
   WHERE schedules.schedule_id = change.schedule_id`,
);

/** Locks and expires in one trip, in this order. */
export async function lockSchedules(
  tx: Transaction,
  scheduleIds: readonly number[],
): Promise<LockedSchedules> {
  const locked = tx.query<LockedRow>(LOCK_SCHEDULES, [scheduleIds]);
  const lapsed = tx.query<LapsedRow>(EXPIRE_LAPSED_HOLDS, [scheduleIds]);
  return lockedOf(...(await Promise.all([locked, lapsed])));
}

export async function lockSchedulesOf(
  tx: Transaction,
  reservationIds: readonly number[],
): Promise<LockedSchedules> {
  const locked = tx.query<LockedRow>(LOCK_SCHEDULES_OF_RESERVATIONS, [reservationIds]);
  const lapsed = tx.query<LapsedRow>(EXPIRE_LAPSED_HOLDS_OF_RESERVATIONS, [reservationIds]);
  return lockedOf(...(await Promise.all([locked, lapsed])));
}

/** Passes over schedules somebody has locked: whoever that is expires their lapsed holds anyway. */
export async function lockSchedulesWithLapsedHolds(
  tx: Transaction,
  schedulesMax: number,
): Promise<LockedSchedules> {
  const locked = await tx.query<LockedRow>(LOCK_SCHEDULES_WITH_LAPSED_HOLDS, [schedulesMax]);
  const scheduleIds = locked.map((row) => row.schedule_id);
  return lockedOf(locked, await tx.query<LapsedRow>(EXPIRE_LAPSED_HOLDS, [scheduleIds]));
}

interface LapsedRow {
  now: Date;
  schedule_id: number | null;
  seat_number: number | null;
}

function lockedOf(rows: readonly LockedRow[], lapsed: readonly LapsedRow[]): LockedSchedules {
  const now = lapsed[0]?.now;
  if (!now) throw new Error('the database did not tell its time');
  const schedules = rows.map(
    (row) =>
      [
        row.schedule_id,
        { ...scheduleOf(row), seatsVersion: row.seats_version, seatsLeft: row.seats_left },
      ] as const,
  );
  const changes = new Map<number, SeatChanges>();
  for (const { schedule_id, seat_number } of lapsed) {
    if (schedule_id !== null && seat_number !== null) {
      noteFreed(changesOf(changes, schedule_id), seat_number);
    }
  }
  return { now, schedules: new Map(schedules), changes };
}

/** The changes noted for a schedule so far; the first asking makes room for them. */
export function changesOf(changes: Map<number, SeatChanges>, scheduleId: number): SeatChanges {
  const known = changes.get(scheduleId);
  if (known) return known;
  const fresh: SeatChanges = { ownedDelta: 0, seats: new Map() };
  changes.set(scheduleId, fresh);
  return fresh;
}

/** Gives every changed schedule its next version and tells what there is to announce. */
export function nextVersions(
  tx: Transaction,
  { schedules, changes }: LockedSchedules,
): PayloadOf<typeof SeatsChanged>[] {
  const announcements = [...schedules.values()].flatMap(
    ({ scheduleId, seatsVersion, seatsLeft }) => {
      const change = changes.get(scheduleId);
      if (change === undefined || change.seats.size === 0) return [];
      return [
        {
          scheduleId,
          version: seatsVersion + 1,
          seatsLeft: seatsLeft - change.ownedDelta,
          seats: [...change.seats.values()],
        },
      ];
    },
  );
  if (announcements.length > 0) {
    const ids = announcements.map(({ scheduleId }) => scheduleId);
    tx.write(NEXT_VERSIONS, [ids, ids.map((id) => changes.get(id)?.ownedDelta ?? 0)]);
  }
  return announcements;
}

export function scheduleOf(row: ScheduleRow): Schedule {
  return {
    scheduleId: row.schedule_id,
    concertId: row.concert_id,
    concertName: row.concert_name,
    startsAt: row.starts_at,
    salesOpenAt: row.sales_open_at,
    saleOpen: row.sale_open,
  };
}
