import type { PayloadOf, SchedulePublished, ScheduleView } from '@encore/contracts';
import { statement, type Queryable, type Transaction } from '@encore/database';
import type { PricedSeat } from '../domain/seat-ranges.js';

export interface ScheduleRow {
  schedule_id: number;
  concert_id: number;
  concert_name: string;
  starts_at: Date;
  sales_open_at: Date;
  sale_open: boolean;
  waiting_room_id: string;
  version: number;
  seat_count: number;
  seats_left: number;
}

/** A seat whose hold has lapsed counts as free, whether or not anybody has announced that yet. */
export const SCHEDULES = `
  SELECT schedules.schedule_id, schedules.concert_id, concerts.name AS concert_name, starts_at,
         sales_open_at, sale_open, waiting_room_id, schedules.version, seat_count,
         seat_count - taken_seats + (
           SELECT count(*) FROM seats
           WHERE seats.schedule_id = schedules.schedule_id AND status = 'HELD'
             AND held_until <= statement_timestamp()
         ) AS seats_left
  FROM schedules JOIN concerts USING (concert_id)`;

const READ_SCHEDULES = statement(
  'concert-read-schedules',
  `${SCHEDULES} WHERE schedule_id = ANY ($1::bigint[])`,
);

const LIST_SCHEDULES = statement(
  'concert-list-schedules',
  `${SCHEDULES}
   WHERE ($1::bigint IS NULL OR concert_id = $1)
     AND ($2::bigint IS NULL OR (starts_at, schedule_id) > (
       SELECT last.starts_at, last.schedule_id FROM schedules AS last WHERE last.schedule_id = $2
     ))
     AND (NOT $3::boolean OR (
       sale_open AND sales_open_at <= statement_timestamp() AND starts_at > statement_timestamp()
     ))
   ORDER BY starts_at, schedule_id
   LIMIT $4`,
);

const PUT_SEATS = statement(
  'concert-put-seats',
  `INSERT INTO seats (schedule_id, seat_number, price_krw)
   SELECT $1, seat_number, price_krw
   FROM unnest($2::integer[], $3::bigint[]) AS priced (seat_number, price_krw)
   ORDER BY seat_number
   ON CONFLICT (schedule_id, seat_number) DO UPDATE SET price_krw = excluded.price_krw`,
);

const COUNT_SEATS = statement(
  'concert-count-seats',
  `UPDATE schedules
   SET seat_count = (SELECT count(*) FROM seats WHERE seats.schedule_id = $1)
   WHERE schedule_id = $1
   RETURNING seat_count`,
);

const PUBLICATIONS = statement(
  'concert-publications',
  `SELECT schedules.*, concerts.name AS concert_name, (
     SELECT json_agg(
       json_build_object('seatId', seat_id, 'seatNumber', seat_number, 'priceKrw', price_krw)
       ORDER BY seat_number
     )
     FROM seats WHERE seats.schedule_id = schedules.schedule_id
   ) AS seats
   FROM schedules JOIN concerts USING (concert_id)
   WHERE schedule_id = ANY ($1::bigint[])
   ORDER BY schedule_id`,
);

export async function readSchedules(
  from: Queryable,
  scheduleIds: readonly number[],
): Promise<Map<number, ScheduleView>> {
  const rows = await from.query<ScheduleRow>(READ_SCHEDULES, [scheduleIds]);
  return new Map(rows.map((row) => [row.schedule_id, scheduleViewOf(row)]));
}

/** One page by start. The cursor is the id of the last schedule of the page before. */
export async function listSchedules(
  from: Queryable,
  query: { concertId: number | null; after: number | null; bookableOnly: boolean; limit: number },
): Promise<{ items: ScheduleView[]; nextCursor: string | null }> {
  const rows = await from.query<ScheduleRow>(LIST_SCHEDULES, [
    query.concertId,
    query.after,
    query.bookableOnly,
    query.limit + 1,
  ]);
  const items = rows.slice(0, query.limit).map(scheduleViewOf);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > query.limit && last ? String(last.scheduleId) : null,
  };
}

/** Adds seats, or gives those that exist another price; returns how many there are now. */
export async function putSeats(
  tx: Transaction,
  scheduleId: number,
  seats: readonly PricedSeat[],
): Promise<number> {
  await tx.query(PUT_SEATS, [
    scheduleId,
    seats.map(({ seatNumber }) => seatNumber),
    seats.map(({ priceKrw }) => priceKrw),
  ]);
  const [counted] = await tx.query<{ seat_count: number }>(COUNT_SEATS, [scheduleId]);
  if (!counted) throw new Error(`schedule ${scheduleId} vanished while it was locked`);
  return counted.seat_count;
}

/** Schedules whole, as they are announced. */
export async function publicationsOf(
  tx: Transaction,
  scheduleIds: readonly number[],
): Promise<PayloadOf<typeof SchedulePublished>[]> {
  const rows = await tx.query<
    ScheduleRow & { seats: PayloadOf<typeof SchedulePublished>['seats'] | null }
  >(PUBLICATIONS, [scheduleIds]);
  return rows.map((row) => ({
    scheduleId: row.schedule_id,
    concertId: row.concert_id,
    concertName: row.concert_name,
    startsAt: row.starts_at.toISOString(),
    salesOpenAt: row.sales_open_at.toISOString(),
    saleOpen: row.sale_open,
    waitingRoomId: row.waiting_room_id,
    version: row.version,
    seats: row.seats ?? [],
  }));
}

export function scheduleViewOf(row: ScheduleRow): ScheduleView {
  return {
    scheduleId: row.schedule_id,
    concertId: row.concert_id,
    concertName: row.concert_name,
    startsAt: row.starts_at.toISOString(),
    salesOpenAt: row.sales_open_at.toISOString(),
    saleOpen: row.sale_open,
    waitingRoomId: row.waiting_room_id,
    seatCount: row.seat_count,
    seatsLeft: row.seats_left,
    version: row.version,
  };
}
