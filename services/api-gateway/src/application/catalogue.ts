import {
  ListConcerts,
  ListSchedules,
  ReadConcert,
  ReadSchedule,
  ReadSeat,
  ReadSeatMap,
  type ConcertView,
  type ReplyOf,
  type ScheduleView,
} from '@encore/contracts';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import { RefusalError } from '../clients/refusal-error.js';
import { Services } from '../clients/services.js';
import { Gate } from '../gate/gate.js';
import { ScheduleRooms } from '../gate/schedule-rooms.js';
import { SingleFlight } from '../gate/single-flight.js';
import type { Origin, PageRequest, Reader } from './caller.js';
import { everyPage } from './every-page.js';
import { DEFAULT_ROOM } from './passes.js';

export type SeatMap = ReplyOf<typeof ReadSeatMap>;

/** A schedule as those name it who think of it as a part of a concert. */
export interface ConcertSchedule {
  readonly concertId: number;
  readonly scheduleId: number;
}

/** Seat maps as they were a moment ago: many look at one map, and one of them asks for it. */
export class SeatMaps {
  private readonly recent: LRUCache<number, SeatMap>;
  private readonly questions = new SingleFlight<SeatMap>();

  constructor(
    private readonly services: Services,
    options: { maxSchedules: number; keepMs: number },
  ) {
    this.recent = new LRUCache({
      max: options.maxSchedules,
      ttl: options.keepMs,
      // Looks at the clock each time: remembering what it said would take a timer each millisecond.
      ttlResolution: 0,
    });
  }

  async of(scheduleId: number, origin: Origin): Promise<SeatMap> {
    const recent = this.recent.get(scheduleId);
    if (recent !== undefined) return recent;
    return this.questions.run(String(scheduleId), async () => {
      const map = await this.services.query(ReadSeatMap, { scheduleId }, origin);
      this.recent.set(scheduleId, map);
      return map;
    });
  }
}

/** Concerts, schedules and seats, as clients read them. */
@Injectable()
export class Catalogue {
  constructor(
    private readonly services: Services,
    private readonly gate: Gate,
    private readonly rooms: ScheduleRooms,
    private readonly seatMaps: SeatMaps,
  ) {}

  concerts(page: PageRequest, origin: Origin): Promise<ReplyOf<typeof ListConcerts>> {
    return this.services.query(ListConcerts, page, origin);
  }

  concert(concertId: number, origin: Origin): Promise<ConcertView> {
    return this.services.query(ReadConcert, { concertId }, origin);
  }

  schedules(
    asked: z.input<typeof ListSchedules.payload>,
    origin: Origin,
  ): Promise<ReplyOf<typeof ListSchedules>> {
    return this.services.query(ListSchedules, asked, origin);
  }

  schedule(scheduleId: number, origin: Origin): Promise<ScheduleView> {
    return this.services.query(ReadSchedule, { scheduleId }, origin);
  }

  /** Everything that can be booked now, by start; only for who has an active entry. */
  async bookable(concertId: number | undefined, reader: Reader): Promise<ScheduleView[]> {
    await this.gate.pass(DEFAULT_ROOM, reader);
    return this.bookableSchedules(concertId, reader);
  }

  /** Everything that can be booked now, by start: of one concert or of all. */
  async bookableSchedules(concertId: number | undefined, origin: Origin): Promise<ScheduleView[]> {
    const asked = { bookableOnly: true, ...(concertId === undefined ? {} : { concertId }) };
    return everyPage((page) => this.services.query(ListSchedules, { ...asked, ...page }, origin));
  }

  /** Refuses when the concert has no such schedule. */
  async requireSchedule(wanted: ConcertSchedule, origin: Origin): Promise<void> {
    await this.inConcert(wanted.concertId, origin, async () => {
      mustBelong(await this.schedule(wanted.scheduleId, origin), wanted.concertId);
    });
  }

  /** Only for who has an active entry in the schedule's waiting room. */
  async seatMap(scheduleId: number, reader: Reader): Promise<SeatMap> {
    await this.gate.pass(await this.rooms.roomOf(scheduleId, reader), reader);
    return this.seatMaps.of(scheduleId, reader);
  }

  /** One of its seats, by the id of the seat. */
  async seat(seatId: number, reader: Reader): Promise<ReplyOf<typeof ReadSeat>> {
    const seat = await this.services.query(ReadSeat, { seatId }, reader);
    await this.gate.pass(await this.rooms.roomOf(seat.scheduleId, reader), reader);
    return seat;
  }

  /** The same of a concert's schedule. */
  async seatMapOf(wanted: ConcertSchedule, reader: Reader): Promise<SeatMap> {
    return this.inConcert(wanted.concertId, reader, async () => {
      const map = await this.seatMap(wanted.scheduleId, reader);
      mustBelong(map.schedule, wanted.concertId);
      return map;
    });
  }

  /**
   * Something about a concert's schedule. Where the schedule is missing because the concert is, it
   * is the concert that is named as missing.
   */
  async inConcert<Found>(
    concertId: number,
    origin: Origin,
    find: () => Promise<Found>,
  ): Promise<Found> {
    try {
      return await find();
    } catch (error) {
      const isMissing = error instanceof RefusalError && error.refusal === NO_SCHEDULE;
      if (isMissing) await this.concert(concertId, origin);
      throw error;
    }
  }
}

const NO_SCHEDULE = 'CONCERT_SCHEDULE_NOT_FOUND' satisfies (typeof ReadSchedule.refusals)[number];

/** A schedule of another concert is no schedule of this one. */
export function mustBelong(schedule: ScheduleView, concertId: number): void {
  if (schedule.concertId !== concertId) throw new RefusalError(NO_SCHEDULE);
}
