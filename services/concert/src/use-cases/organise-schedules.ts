import {
  accepted,
  AddSchedule,
  ChangeSchedule,
  refused,
  SetSeatPrices,
  type Outcome,
  type ScheduleView,
} from '@encore/contracts';
import { Database, type Transaction } from '@encore/database';
import { HandlesEach, Outbox, type BatchContext, type Received } from '@encore/messaging';
import { Controller, Inject } from '@nestjs/common';
import { seatsOf, SEATS_PER_SCHEDULE_MAX, tooMany } from '../domain/seat-ranges.js';
import { Concerts } from '../persistence/concerts.repository.js';
import { putSeats, readSchedules } from '../persistence/schedules.repository.js';
import { publishSchedules, type Announcer } from './publish-schedules.js';

/** Adds days to a concert, changes them, and gives them seats and prices. */
@Controller()
export class OrganiseSchedulesHandlers {
  private readonly concerts: Concerts;

  constructor(
    private readonly database: Database,
    @Inject(Outbox) private readonly outbox: Announcer,
  ) {
    this.concerts = new Concerts(database);
  }

  @HandlesEach(AddSchedule)
  async add(
    { payload }: Received<typeof AddSchedule>,
    { tx }: BatchContext,
  ): Promise<Outcome<typeof AddSchedule>> {
    const ranges = seatsOf(payload.seats);
    if ('fault' in ranges) return refused('CONCERT_SEATS_INVALID', { reason: ranges.fault });
    const concert = await this.concerts.lock(tx, payload.concertId);
    if (!concert) return refused('CONCERT_NOT_FOUND');
    const startsAt = new Date(payload.startsAt);
    const now = await this.now(tx);
    if (startsAt <= now) return refused('CONCERT_SCHEDULE_IN_THE_PAST');
    const [row] = await tx.run<{ schedule_id: number }>(
      this.database
        .sql('schedules')
        .insert({
          concert_id: payload.concertId,
          starts_at: startsAt,
          sales_open_at: payload.salesOpenAt === undefined ? now : new Date(payload.salesOpenAt),
          sale_open: payload.saleOpen,
          waiting_room_id: payload.waitingRoomId,
          seat_count: 0,
        })
        .returning('schedule_id'),
    );
    if (!row) throw new Error('the new schedule did not come back');
    await putSeats(tx, row.schedule_id, ranges.seats);
    return accepted(await this.published(tx, row.schedule_id));
  }

  @HandlesEach(ChangeSchedule)
  async change(
    { payload }: Received<typeof ChangeSchedule>,
    { tx }: BatchContext,
  ): Promise<Outcome<typeof ChangeSchedule>> {
    const { scheduleId, startsAt, salesOpenAt, saleOpen, waitingRoomId } = payload;
    if (startsAt !== undefined && new Date(startsAt) <= (await this.now(tx))) {
      return refused('CONCERT_SCHEDULE_IN_THE_PAST');
    }
    const changed = await this.nextVersion(tx, scheduleId, {
      ...(startsAt === undefined ? {} : { starts_at: new Date(startsAt) }),
      ...(salesOpenAt === undefined ? {} : { sales_open_at: new Date(salesOpenAt) }),
      ...(saleOpen === undefined ? {} : { sale_open: saleOpen }),
      ...(waitingRoomId === undefined ? {} : { waiting_room_id: waitingRoomId }),
    });
    if (!changed) return refused('CONCERT_SCHEDULE_NOT_FOUND');
    return accepted(await this.published(tx, scheduleId));
  }

  @HandlesEach(SetSeatPrices)
  async setPrices(
    { payload }: Received<typeof SetSeatPrices>,
    { tx }: BatchContext,
  ): Promise<Outcome<typeof SetSeatPrices>> {
    const ranges = seatsOf(payload.seats);
    if ('fault' in ranges) return refused('CONCERT_SEATS_INVALID', { reason: ranges.fault });
    const numbers = ranges.seats.map(({ seatNumber }) => seatNumber);
    const kept = await this.lockSeats(tx, payload.scheduleId, numbers);
    if (!kept) return refused('CONCERT_SCHEDULE_NOT_FOUND');
    const total = kept.seatCount + numbers.length - kept.repriced;
    if (total > SEATS_PER_SCHEDULE_MAX) {
      return refused('CONCERT_SEATS_INVALID', { reason: tooMany(total) });
    }
    await this.nextVersion(tx, payload.scheduleId, {});
    await putSeats(tx, payload.scheduleId, ranges.seats);
    return accepted(await this.published(tx, payload.scheduleId));
  }

  /** Counts, under the schedule's lock, the seats it has and those of `numbers` it has already. */
  private async lockSeats(
    tx: Transaction,
    scheduleId: number,
    numbers: readonly number[],
  ): Promise<{ seatCount: number; repriced: number } | undefined> {
    const { sql } = this.database;
    const [schedule] = await tx.run<{ seat_count: number }>(
      sql('schedules').where({ schedule_id: scheduleId }).forNoKeyUpdate(),
    );
    if (!schedule) return undefined;
    const [existing] = await tx.run<{ seats: number }>(
      sql('seats')
        .where({ schedule_id: scheduleId })
        .whereRaw('seat_number = ANY (?::integer[])', [[...numbers]])
        .select(sql.raw('count(*) AS seats')),
    );
    return { seatCount: schedule.seat_count, repriced: existing?.seats ?? 0 };
  }

  private async nextVersion(
    tx: Transaction,
    scheduleId: number,
    facts: Readonly<Record<string, unknown>>,
  ): Promise<boolean> {
    const { sql } = this.database;
    const rows = await tx.run(
      sql('schedules')
        .where({ schedule_id: scheduleId })
        .update({ ...facts, version: sql.raw('version + 1') })
        .returning('schedule_id'),
    );
    return rows.length > 0;
  }

  private async published(tx: Transaction, scheduleId: number): Promise<ScheduleView> {
    await publishSchedules(tx, this.outbox, [scheduleId]);
    const view = (await readSchedules(tx, [scheduleId])).get(scheduleId);
    if (!view) throw new Error(`schedule ${scheduleId} vanished while it was locked`);
    return view;
  }

  private async now(tx: Transaction): Promise<Date> {
    const [row] = await tx.run<{ now: Date }>(this.database.sql.raw('SELECT now() AS now'));
    if (!row) throw new Error('the database did not tell its time');
    return row.now;
  }
}
