import type { ReadSeat, ReadSeatMap, ReplyOf } from '@encore/contracts';
import { statement, type Queryable, type Transaction } from '@encore/database';
import type { SeatNews } from '../domain/seat-news.js';
import { SCHEDULES, scheduleViewOf, type ScheduleRow } from './schedules.repository.js';

/** Everything in one statement, hence of one instant: seats, count and version fit each other. */
const READ_SEAT_MAPS = statement(
  'concert-read-seat-maps',
  `SELECT listed.*, status_changes, map.*
   FROM (${SCHEDULES} WHERE schedule_id = ANY ($1::bigint[])) AS listed
   JOIN (SELECT schedule_id, status_changes FROM schedules) AS counters USING (schedule_id)
   CROSS JOIN LATERAL (
     SELECT count(*) FILTER (WHERE lapsed) AS lapsed_seats, json_agg(json_build_object(
       'seatId', seat_id, 'seatNumber', seat_number,
       'status', CASE WHEN lapsed THEN 'FREE' ELSE status END, 'priceKrw', price_krw
     ) ORDER BY seat_number) AS seats
     FROM (
       SELECT *, held_until IS NOT NULL AND held_until <= statement_timestamp() AS lapsed
       FROM seats WHERE seats.schedule_id = listed.schedule_id
     ) AS seen
   ) AS map`,
);

const READ_SEATS = statement(
  'concert-read-seats',
  `SELECT seat_id AS "seatId", schedule_id AS "scheduleId", seat_number AS "seatNumber",
     CASE WHEN held_until <= statement_timestamp() THEN 'FREE' ELSE status END AS status,
     price_krw AS "priceKrw"
   FROM seats WHERE seat_id = ANY ($1::bigint[])`,
);

/** In the order of ids, like every other lock on schedules. */
const LOCK_SCHEDULES = statement(
  'concert-lock-schedules',
  `SELECT schedule_id FROM schedules WHERE schedule_id = ANY ($1::bigint[])
   ORDER BY schedule_id FOR NO KEY UPDATE`,
);

/** A seat takes a status only from a version above the one it has. */
const APPLY_NEWS = statement(
  'concert-apply-news',
  `WITH news AS (
     SELECT * FROM unnest(
       $1::bigint[], $2::integer[], $3::integer[], $4::text[], $5::timestamptz[]
     ) AS news (schedule_id, seat_number, version, status, held_until)
   ), changed AS (
     UPDATE seats
     SET status = news.status, held_until = news.held_until, status_version = news.version
     FROM news JOIN seats AS was USING (schedule_id, seat_number)
     WHERE seats.schedule_id = news.schedule_id AND seats.seat_number = news.seat_number
       AND was.status_version < news.version
     RETURNING seats.schedule_id,
       (seats.status <> 'FREE')::integer - (was.status <> 'FREE')::integer AS taken_delta
   )
   UPDATE schedules
   SET status_changes = status_changes + 1, taken_seats = taken_seats + counted.taken_delta
   FROM (
     SELECT schedule_id, sum(taken_delta)::integer AS taken_delta FROM changed GROUP BY schedule_id
   ) AS counted
   WHERE schedules.schedule_id = counted.schedule_id`,
);

type SeatMap = ReplyOf<typeof ReadSeatMap>;

/**
 * Seat maps by schedule. Their version has three parts: of the catalogue, of the announcements
 * applied, and how many holds have lapsed since: between two announcements time alone changes a
 * map.
 */
export async function readSeatMaps(
  from: Queryable,
  scheduleIds: readonly number[],
): Promise<Map<number, SeatMap>> {
  const rows = await from.query<
    ScheduleRow & { status_changes: number; lapsed_seats: number; seats: SeatMap['seats'] | null }
  >(READ_SEAT_MAPS, [scheduleIds]);
  return new Map(
    rows.map((row) => [
      row.schedule_id,
      {
        schedule: scheduleViewOf(row),
        seatsVersion: `${row.version}.${row.status_changes}.${row.lapsed_seats}`,
        seats: row.seats ?? [],
      },
    ]),
  );
}

/** Seats by their id, as their maps show them. */
export async function readSeats(
  from: Queryable,
  seatIds: readonly number[],
): Promise<Map<number, ReplyOf<typeof ReadSeat>>> {
  const rows = await from.query<ReplyOf<typeof ReadSeat>>(READ_SEATS, [seatIds]);
  return new Map(rows.map((seat) => [seat.seatId, seat]));
}

export function applyNews(tx: Transaction, news: readonly SeatNews[]): void {
  if (news.length === 0) return;
  tx.write(LOCK_SCHEDULES, [[...new Set(news.map(({ scheduleId }) => scheduleId))]]);
  tx.write(APPLY_NEWS, [
    news.map(({ scheduleId }) => scheduleId),
    news.map(({ seatNumber }) => seatNumber),
    news.map(({ version }) => version),
    news.map(({ status }) => status),
    news.map(({ heldUntil }) => heldUntil),
  ]);
}
