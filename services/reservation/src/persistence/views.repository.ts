import type { ListReservations, PayloadOf, ReservationView } from '@encore/contracts';
import { statement, type Queryable } from '@encore/database';
import { asOf, viewOf } from '../domain/reservation.js';
import {
  RESERVATION_COLUMNS,
  reservationOf,
  type ReservationRow,
} from './reservations.repository.js';
import { scheduleOf } from './schedules.repository.js';

interface ViewRow extends ReservationRow {
  concert_id: number;
  concert_name: string;
  starts_at: Date;
  sales_open_at: Date;
  sale_open: boolean;
  now: Date;
}

const VIEW = `
  SELECT ${RESERVATION_COLUMNS}, concert_id, concert_name, starts_at, sales_open_at, sale_open,
         statement_timestamp() AS now
  FROM reservations JOIN schedules USING (schedule_id)`;

const READ_VIEWS = statement(
  'reservation-read-views',
  `${VIEW} WHERE reservations.reservation_id = ANY ($1::bigint[])`,
);

/** The state asked for is the one the reader sees: a lapsed hold is EXPIRED before it is swept. */
const LIST_VIEWS = statement(
  'reservation-list-views',
  `${VIEW}
   WHERE user_id = $1
     AND ($2::bigint IS NULL OR reservations.reservation_id < $2)
     AND ($3::bigint IS NULL OR reservations.schedule_id = $3)
     AND ($4::text IS NULL OR $4 = CASE
       WHEN state = 'HELD' AND expires_at <= statement_timestamp() THEN 'EXPIRED' ELSE state
     END)
   ORDER BY reservations.reservation_id DESC
   LIMIT $5`,
);

export async function readViews(
  from: Queryable,
  reservationIds: readonly number[],
): Promise<Map<number, ReservationView>> {
  const rows = await from.query<ViewRow>(READ_VIEWS, [reservationIds]);
  return new Map(rows.map((row) => [row.reservation_id, viewOfRow(row)]));
}

/** One page, newest first. A cursor that never was one of ours leads to no rows. */
export async function listViews(
  from: Queryable,
  { userId, scheduleId, state, cursor, limit }: PayloadOf<typeof ListReservations>,
): Promise<{ items: ReservationView[]; nextCursor: string | null }> {
  const rows = await from.query<ViewRow>(LIST_VIEWS, [
    userId,
    cursor === undefined ? null : idOfCursor(cursor),
    scheduleId ?? null,
    state ?? null,
    limit + 1,
  ]);
  const items = rows.slice(0, limit).map(viewOfRow);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > limit && last ? String(last.reservationId) : null,
  };
}

function idOfCursor(cursor: string): number {
  return /^\d{1,15}$/.test(cursor) ? Number(cursor) : 0;
}

function viewOfRow(row: ViewRow): ReservationView {
  return viewOf(asOf(reservationOf(row), row.now), scheduleOf(row));
}
