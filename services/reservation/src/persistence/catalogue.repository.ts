import type { PayloadOf, SchedulePublished, SeatsChanged } from '@encore/contracts';
import { statement, type Transaction } from '@encore/database';

/** In the order of ids, like every other lock on schedules. */
const KEEP_SCHEDULES = statement(
  'reservation-keep-schedules',
  `INSERT INTO schedules (
     schedule_id, concert_id, concert_name, starts_at, sales_open_at, sale_open,
     catalogue_version, seat_count
   )
   SELECT schedule_id, concert_id, concert_name, starts_at, sales_open_at, sale_open, version, 0
   FROM unnest(
     $1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::boolean[],
     $7::integer[]
   ) AS published (
     schedule_id, concert_id, concert_name, starts_at, sales_open_at, sale_open, version
   )
   ORDER BY schedule_id
   ON CONFLICT (schedule_id) DO UPDATE
   SET concert_id = excluded.concert_id, concert_name = excluded.concert_name,
       starts_at = excluded.starts_at, sales_open_at = excluded.sales_open_at,
       sale_open = excluded.sale_open, catalogue_version = excluded.catalogue_version
   WHERE schedules.catalogue_version < excluded.catalogue_version
   RETURNING schedule_id`,
);

const KEEP_SEATS = statement(
  'reservation-keep-seats',
  `INSERT INTO seats (schedule_id, seat_number, seat_id, price_krw)
   SELECT * FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[])
   ON CONFLICT (schedule_id, seat_number) DO UPDATE
   SET seat_id = excluded.seat_id, price_krw = excluded.price_krw
   WHERE (seats.seat_id, seats.price_krw) <> (excluded.seat_id, excluded.price_krw)`,
);

const COUNT_SEATS = statement(
  'reservation-count-seats',
  `UPDATE schedules
   SET seats_version = seats_version + 1,
       seat_count = (SELECT count(*) FROM seats WHERE seats.schedule_id = schedules.schedule_id)
   WHERE schedule_id = ANY ($1::bigint[])
   RETURNING schedule_id, seats_version, seat_count - owned_seats AS seats_left`,
);

/**
 * Keeps the highest version of each schedule, and tells how many seats are left now. Prices of
 * seats that somebody holds or has bought are in the reservations and stay as they are.
 */
export async function keepSchedules(
  tx: Transaction,
  published: readonly PayloadOf<typeof SchedulePublished>[],
): Promise<PayloadOf<typeof SeatsChanged>[]> {
  const highest = new Map<number, PayloadOf<typeof SchedulePublished>>();
  for (const schedule of published) {
    const known = highest.get(schedule.scheduleId);
    if (!known || known.version < schedule.version) highest.set(schedule.scheduleId, schedule);
  }
  const schedules = [...highest.values()];
  const kept = await tx.query<{ schedule_id: number }>(KEEP_SCHEDULES, [
    schedules.map((schedule) => schedule.scheduleId),
    schedules.map((schedule) => schedule.concertId),
    schedules.map((schedule) => schedule.concertName),
    schedules.map((schedule) => schedule.startsAt),
    schedules.map((schedule) => schedule.salesOpenAt),
    schedules.map((schedule) => schedule.saleOpen),
    schedules.map((schedule) => schedule.version),
  ]);
  const keptIds = kept.map((row) => row.schedule_id);
  if (keptIds.length === 0) return [];
  await keepSeats(
    tx,
    schedules.filter(({ scheduleId }) => keptIds.includes(scheduleId)),
  );
  const counted = await tx.query<{
    schedule_id: number;
    seats_version: number;
    seats_left: number;
  }>(COUNT_SEATS, [keptIds]);
  return counted.map((row) => ({
    scheduleId: row.schedule_id,
    version: row.seats_version,
    seatsLeft: row.seats_left,
    seats: [],
  }));
}

async function keepSeats(
  tx: Transaction,
  schedules: readonly PayloadOf<typeof SchedulePublished>[],
): Promise<void> {
  const seats = schedules.flatMap(({ scheduleId, seats }) =>
    seats.map((seat) => ({ ...seat, scheduleId })),
  );
  await tx.query(KEEP_SEATS, [
    seats.map((seat) => seat.scheduleId),
    seats.map((seat) => seat.seatNumber),
    seats.map((seat) => seat.seatId),
    seats.map((seat) => seat.priceKrw),
  ]);
}
