import { statement, type Queryable, type Transaction } from '@encore/database';
import { owns, type Life, type Reservation, type ReservedSeat } from '../domain/reservation.js';

export interface ReservationRow {
  reservation_id: number;
  user_id: number;
  schedule_id: number;
  state: Life['state'];
  expires_at: Date | null;
  extended: boolean;
  payment_id: number | null;
  remaining_milliseconds: number | null;
  lease_ends_at: Date | null;
  created_at: Date;
  confirmed_at: Date | null;
  seats: ReservedSeat[];
  withdrawn_payment_ids: number[];
}

/** A whole reservation in one row; `reservations` must be in the FROM clause. */
export const RESERVATION_COLUMNS = `
  reservations.reservation_id, reservations.user_id, reservations.schedule_id, reservations.state,
  reservations.expires_at, reservations.extended, reservations.payment_id,
  reservations.remaining_milliseconds, reservations.lease_ends_at, reservations.created_at,
  reservations.confirmed_at,
  (
    SELECT json_agg(json_build_object(
      'seatId', seat_id, 'seatNumber', seat_number, 'priceKrw', price_krw,
      'cancelled', cancelled, 'refundId', refund_id, 'refunded', refunded
    ) ORDER BY seat_number)
    FROM reservation_seats
    WHERE reservation_seats.reservation_id = reservations.reservation_id
  ) AS seats,
  ARRAY(
    SELECT payment_id FROM withdrawn_pins
    WHERE withdrawn_pins.reservation_id = reservations.reservation_id
  ) AS withdrawn_payment_ids`;

const LOAD_RESERVATIONS = statement(
  'reservation-load-reservations',
  `SELECT ${RESERVATION_COLUMNS} FROM reservations WHERE reservation_id = ANY ($1::bigint[])`,
);

const SAVE_RESERVATIONS = statement(
  'reservation-save-reservations',
  `UPDATE reservations
   SET state = changed.state, expires_at = changed.expires_at, extended = changed.extended,
       payment_id = changed.payment_id,
       remaining_milliseconds = changed.remaining_milliseconds,
       lease_ends_at = changed.lease_ends_at, confirmed_at = changed.confirmed_at
   FROM unnest(
     $1::bigint[], $2::text[], $3::timestamptz[], $4::boolean[], $5::bigint[], $6::bigint[],
     $7::timestamptz[], $8::timestamptz[]
   ) AS changed (
     reservation_id, state, expires_at, extended, payment_id, remaining_milliseconds,
     lease_ends_at, confirmed_at
   )
   WHERE reservations.reservation_id = changed.reservation_id`,
);

const SAVE_RESERVATION_SEATS = statement(
  'reservation-save-reservation-seats',
  `UPDATE reservation_seats
   SET owns = changed.owns, cancelled = changed.cancelled, refund_id = changed.refund_id,
       refunded = changed.refunded
   FROM unnest(
     $1::bigint[], $2::integer[], $3::boolean[], $4::boolean[], $5::bigint[], $6::boolean[]
   ) AS changed (reservation_id, seat_number, owns, cancelled, refund_id, refunded)
   WHERE reservation_seats.reservation_id = changed.reservation_id
     AND reservation_seats.seat_number = changed.seat_number`,
);

const ENDED_LEASES = statement(
  'reservation-ended-leases',
  `SELECT reservation_id AS "reservationId", payment_id AS "paymentId" FROM reservations
   WHERE state = 'PAYING' AND lease_ends_at <= statement_timestamp()
   ORDER BY lease_ends_at LIMIT $1`,
);

const WITHDRAW_PINS = statement(
  'reservation-withdraw-pins',
  `INSERT INTO withdrawn_pins (reservation_id, payment_id)
   SELECT * FROM unnest($1::bigint[], $2::bigint[])
   ON CONFLICT DO NOTHING`,
);

export async function loadReservations(
  from: Queryable,
  reservationIds: readonly number[],
): Promise<Map<number, Reservation>> {
  const rows = await from.query<ReservationRow>(LOAD_RESERVATIONS, [reservationIds]);
  return new Map(rows.map((row) => [row.reservation_id, reservationOf(row)]));
}

/** Saves changed reservations and those of their seats that changed with them. */
export function saveReservations(
  tx: Transaction,
  changes: readonly { readonly before: Reservation; readonly after: Reservation }[],
): void {
  if (changes.length === 0) return;
  const rows = changes.map(({ after }) => after);
  tx.write(SAVE_RESERVATIONS, [
    rows.map((row) => row.reservationId),
    rows.map(({ life }) => life.state),
    rows.map(({ life }) => (life.state === 'HELD' ? life.expiresAt.toISOString() : null)),
    rows.map((row) => row.extended),
    rows.map(({ life }) => ('paymentId' in life ? life.paymentId : null)),
    rows.map(({ life }) => (life.state === 'PAYING' ? life.remainingMilliseconds : null)),
    rows.map(({ life }) => (life.state === 'PAYING' ? life.leaseEndsAt : null)),
    rows.map(({ life }) => ('confirmedAt' in life ? life.confirmedAt.toISOString() : null)),
  ]);
  const seats = changes.flatMap(({ before, after }) =>
    after.seats
      .filter((seat, index) => {
        const was = before.seats[index];
        return was === undefined || was !== seat || owns(before, was) !== owns(after, seat);
      })
      .map((seat) => ({ ...seat, reservationId: after.reservationId, owns: owns(after, seat) })),
  );
  if (seats.length === 0) return;
  tx.write(SAVE_RESERVATION_SEATS, [
    seats.map((seat) => seat.reservationId),
    seats.map((seat) => seat.seatNumber),
    seats.map((seat) => seat.owns),
    seats.map((seat) => seat.cancelled),
    seats.map((seat) => seat.refundId),
    seats.map((seat) => seat.refunded),
  ]);
}

/** Leases whose end has come, the earliest first, and the payments that have them. */
export async function endedLeases(
  from: Queryable,
  leasesMax: number,
): Promise<{ readonly reservationId: number; readonly paymentId: number }[]> {
  return from.query(ENDED_LEASES, [leasesMax]);
}

/** Remembers undone payments, also for a reservation that does not exist (yet). */
export function withdrawPins(
  tx: Transaction,
  pins: readonly { readonly reservationId: number; readonly paymentId: number }[],
): void {
  tx.write(WITHDRAW_PINS, [pins.map((pin) => pin.reservationId), pins.map((pin) => pin.paymentId)]);
}

export function reservationOf(row: ReservationRow): Reservation {
  return {
    reservationId: row.reservation_id,
    userId: row.user_id,
    scheduleId: row.schedule_id,
    createdAt: row.created_at,
    extended: row.extended,
    life: lifeOf(row),
    seats: row.seats,
    withdrawnPaymentIds: row.withdrawn_payment_ids,
  };
}

function lifeOf(row: ReservationRow): Life {
  switch (row.state) {
    case 'HELD':
      return { state: row.state, expiresAt: present(row, 'expires_at') };
    case 'PAYING':
      return {
        state: row.state,
        paymentId: present(row, 'payment_id'),
        remainingMilliseconds: present(row, 'remaining_milliseconds'),
        leaseEndsAt: row.lease_ends_at,
      };
    case 'CONFIRMED':
    case 'CANCELLED':
    case 'REFUNDED':
      return {
        state: row.state,
        paymentId: present(row, 'payment_id'),
        confirmedAt: present(row, 'confirmed_at'),
      };
    case 'EXPIRED':
    case 'RELEASED':
      return { state: row.state };
  }
}

/** A value the table's checks promise for this state; without it the row is damaged. */
function present<Column extends keyof ReservationRow>(
  row: ReservationRow,
  column: Column,
): NonNullable<ReservationRow[Column]> {
  const value = row[column];
  if (value === null) {
    throw new Error(`reservation ${row.reservation_id} is ${row.state} without ${column}`);
  }
  return value;
}
