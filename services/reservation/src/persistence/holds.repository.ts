import type { HoldSeats, PayloadOf } from '@encore/contracts';
import { statement, type Transaction } from '@encore/database';
import type { Releases } from '../domain/cooldown.js';
import type { Held, HoldState, SeatsAsked } from '../domain/hold.js';
import { holderKey } from '../domain/holder.js';
import type { Reservation, ReservedSeat } from '../domain/reservation.js';
import type { Schedule } from '../domain/schedule.js';

const OWNED = `EXISTS (
  SELECT 1 FROM reservation_seats AS owner
  WHERE owner.schedule_id = seats.schedule_id AND owner.seat_number = seats.seat_number
    AND owner.owns
)`;

const LOAD_NUMBERED_SEATS = statement(
  'reservation-load-numbered-seats',
  `SELECT seats.schedule_id, seats.seat_number, ${OWNED} AS taken
   FROM unnest($1::bigint[], $2::integer[]) AS asked (schedule_id, seat_number)
   JOIN seats ON seats.schedule_id = asked.schedule_id AND seats.seat_number = asked.seat_number`,
);

const LOAD_FREE_SEATS = statement(
  'reservation-load-free-seats',
  `SELECT schedule_id, array_agg(seat_number ORDER BY seat_number) AS seat_numbers
   FROM seats
   WHERE schedule_id = ANY ($1::bigint[]) AND NOT ${OWNED}
   GROUP BY schedule_id`,
);

/** What the people of a batch hold already and have given up: one row each. */
const LOAD_HOLDERS = statement(
  'reservation-load-holders',
  `SELECT asked.schedule_id, asked.user_id, releases.count AS releases, releases.last_released_at,
     (
       SELECT count(*)::integer FROM reservations JOIN reservation_seats USING (reservation_id)
       WHERE reservations.schedule_id = asked.schedule_id
         AND reservations.user_id = asked.user_id AND state IN ('HELD', 'PAYING')
     ) AS seats
   FROM (
     SELECT DISTINCT * FROM unnest($1::bigint[], $2::bigint[]) AS pair (schedule_id, user_id)
   ) AS asked
   LEFT JOIN releases USING (schedule_id, user_id)`,
);

interface HolderRow {
  schedule_id: number;
  user_id: number;
  seats: number;
  releases: number | null;
  last_released_at: Date | null;
}

const INSERT_RESERVATIONS = statement(
  'reservation-insert-reservations',
  `INSERT INTO reservations (user_id, schedule_id, state, created_at, expires_at)
   SELECT user_id, schedule_id, 'HELD', $3::timestamptz, $4::timestamptz
   FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS held (user_id, schedule_id, position)
   ORDER BY position
   RETURNING reservation_id`,
);

/** Prices are fixed here: what the catalogue says at this moment is what the hold costs. */
const INSERT_RESERVATION_SEATS = statement(
  'reservation-insert-reservation-seats',
  `INSERT INTO reservation_seats (reservation_id, schedule_id, seat_number, seat_id, price_krw)
   SELECT held.reservation_id, seats.schedule_id, seats.seat_number, seats.seat_id, seats.price_krw
   FROM unnest($1::bigint[], $2::bigint[], $3::integer[])
     AS held (reservation_id, schedule_id, seat_number)
   JOIN seats ON seats.schedule_id = held.schedule_id AND seats.seat_number = held.seat_number
   RETURNING reservation_id, seat_number, seat_id, price_krw`,
);

/** What the rows a batch of holds is decided on say, schedule by schedule. */
interface LoadedHolds extends Pick<HoldState, 'heldByUser' | 'releases'> {
  readonly existing: ReadonlyMap<number, Set<number>>;
  readonly taken: ReadonlyMap<number, Set<number>>;
  readonly free: ReadonlyMap<number, number[]>;
}

/**
 * Loads everything a batch of holds is decided on, in one trip: the one that locks their schedules,
 * and behind it.
 */
export async function loadHolds(
  tx: Transaction,
  commands: readonly PayloadOf<typeof HoldSeats>[],
): Promise<LoadedHolds> {
  const [numbered, free, holders] = await Promise.all([
    loadNumbered(tx, commands),
    loadFree(tx, commands),
    loadHolders(tx, commands),
  ]);
  return { ...numbered, free, ...holders };
}

export function holdStateOf(
  schedules: ReadonlyMap<number, Schedule>,
  { existing, taken, free, heldByUser, releases }: LoadedHolds,
): HoldState {
  const asked = [...schedules].map(([scheduleId, schedule]): [number, SeatsAsked] => [
    scheduleId,
    {
      schedule,
      existing: existing.get(scheduleId) ?? new Set(),
      taken: taken.get(scheduleId) ?? new Set(),
      free: free.get(scheduleId) ?? [],
    },
  ]);
  return { schedules: new Map(asked), heldByUser, releases };
}

async function loadNumbered(
  tx: Transaction,
  commands: readonly PayloadOf<typeof HoldSeats>[],
): Promise<Record<'existing' | 'taken', Map<number, Set<number>>>> {
  const asked = new Map<number, Set<number>>();
  for (const { scheduleId, seats } of commands) {
    if ('seatNumbers' in seats) seats.seatNumbers.forEach((seat) => add(asked, scheduleId, seat));
  }
  const pairs = [...asked].flatMap(([id, numbers]) => [...numbers].map((seat) => [id, seat]));
  const found = { existing: new Map<number, Set<number>>(), taken: new Map<number, Set<number>>() };
  if (pairs.length === 0) return found;
  const rows = await tx.query<{ schedule_id: number; seat_number: number; taken: boolean }>(
    LOAD_NUMBERED_SEATS,
    [pairs.map(([scheduleId]) => scheduleId), pairs.map(([, seatNumber]) => seatNumber)],
  );
  for (const row of rows) {
    add(found.existing, row.schedule_id, row.seat_number);
    if (row.taken) add(found.taken, row.schedule_id, row.seat_number);
  }
  return found;
}

function add(sets: Map<number, Set<number>>, scheduleId: number, seatNumber: number): void {
  const set = sets.get(scheduleId) ?? new Set<number>();
  sets.set(scheduleId, set.add(seatNumber));
}

async function loadFree(
  tx: Transaction,
  commands: readonly PayloadOf<typeof HoldSeats>[],
): Promise<Map<number, number[]>> {
  const wanted = commands.filter(({ seats }) => 'bestAvailable' in seats);
  if (wanted.length === 0) return new Map();
  const rows = await tx.query<{ schedule_id: number; seat_numbers: number[] }>(LOAD_FREE_SEATS, [
    [...new Set(wanted.map(({ scheduleId }) => scheduleId))],
  ]);
  return new Map(rows.map((row) => [row.schedule_id, row.seat_numbers]));
}

async function loadHolders(
  tx: Transaction,
  commands: readonly PayloadOf<typeof HoldSeats>[],
): Promise<Pick<HoldState, 'heldByUser' | 'releases'>> {
  const rows = await tx.query<HolderRow>(LOAD_HOLDERS, [
    commands.map(({ scheduleId }) => scheduleId),
    commands.map(({ userId }) => userId),
  ]);
  const heldByUser = new Map<string, number>();
  const releases = new Map<string, Releases>();
  for (const row of rows) {
    const key = holderKey(row.user_id, row.schedule_id);
    heldByUser.set(key, row.seats);
    if (row.releases === null || row.last_released_at === null) continue;
    releases.set(key, { count: row.releases, lastAt: row.last_released_at });
  }
  return { heldByUser, releases };
}

/** Writes new holds down and returns the reservations in the order of the holds. */
export async function insertHolds(
  tx: Transaction,
  holds: readonly Held[],
  times: { readonly now: Date; readonly expiresAt: Date },
): Promise<Reservation[]> {
  if (holds.length === 0) return [];
  const inserted = await tx.query<{ reservation_id: number }>(INSERT_RESERVATIONS, [
    holds.map(({ userId }) => userId),
    holds.map(({ scheduleId }) => scheduleId),
    times.now.toISOString(),
    times.expiresAt.toISOString(),
  ]);
  // Identities are drawn in the order of the rows, so the ascending ids are those of the holds.
  const ids = inserted.map((row) => row.reservation_id).sort((a, b) => a - b);
  const reservations = holds.map(({ userId, scheduleId }, index): Reservation => ({
    reservationId: ids[index] ?? 0,
    userId,
    scheduleId,
    createdAt: times.now,
    extended: false,
    life: { state: 'HELD', expiresAt: times.expiresAt },
    seats: [],
    withdrawnPaymentIds: [],
  }));
  const seats = await insertSeats(tx, reservations, holds);
  return reservations.map((reservation) => ({
    ...reservation,
    seats: seats.get(reservation.reservationId) ?? [],
  }));
}

async function insertSeats(
  tx: Transaction,
  reservations: readonly Reservation[],
  holds: readonly Held[],
): Promise<Map<number, ReservedSeat[]>> {
  const wanted = reservations.flatMap(({ reservationId, scheduleId }, index) =>
    (holds[index]?.seatNumbers ?? []).map((seatNumber) => ({
      reservationId,
      scheduleId,
      seatNumber,
    })),
  );
  const rows = await tx.query<{
    reservation_id: number;
    seat_number: number;
    seat_id: number;
    price_krw: number;
  }>(INSERT_RESERVATION_SEATS, [
    wanted.map((seat) => seat.reservationId),
    wanted.map((seat) => seat.scheduleId),
    wanted.map((seat) => seat.seatNumber),
  ]);
  if (rows.length !== wanted.length) {
    throw new Error(`${wanted.length} seats were to be held and ${rows.length} were`);
  }
  const seats = new Map<number, ReservedSeat[]>();
  for (const row of rows.sort((a, b) => a.seat_number - b.seat_number)) {
    const of = seats.get(row.reservation_id) ?? [];
    seats.set(row.reservation_id, of);
    of.push({
      seatId: row.seat_id,
      seatNumber: row.seat_number,
      priceKrw: row.price_krw,
      cancelled: false,
      refundId: null,
      refunded: false,
    });
  }
  return seats;
}
