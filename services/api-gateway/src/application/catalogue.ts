import {
  ListConcerts,
  ListSchedules,
  ReadConcert,
  ReadSchedule,
  ReadSeatMap,
  type ConcertView,
  type ReplyOf,
  type ScheduleView,
} from '@encore/contracts';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import { Services } from '../clients/services.js';
import { Gate } from '../gate/gate.js';
import { ScheduleRooms } from '../gate/schedule-rooms.js';
import { SingleFlight } from '../gate/single-flight.js';
import type { Origin, PageRequest, Reader } from './caller.js';

export type SeatMap = ReplyOf<typeof ReadSeatMap>;

/** Seat maps as they were a moment ago: many look at one map, and one of them asks for it. */
export class SeatMaps {
  private readonly recent: LRUCache<number, SeatMap>;
  private readonly questions = new SingleFlight<SeatMap>();

  constructor(
    private readonly services: Services,
    options: { maxSchedules: number; keepMs: number },
  ) {
    this.recent = new LRUCache({ max: options.maxSchedules, ttl: options.keepMs });
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

  /** Only for who has an active entry in the schedule's waiting room. */
  async seatMap(scheduleId: number, reader: Reader): Promise<SeatMap> {
    await this.gate.pass(await this.rooms.roomOf(scheduleId, reader), reader);
    return this.seatMaps.of(scheduleId, reader);
  }
}
