import {
  AddSchedule,
  ChangeConcert,
  ChangeSchedule,
  CreateConcert,
  ReadConcert,
  ReadSalesReport,
  SetSeatPrices,
  type ConcertView,
  type ReplyOf,
  type ScheduleView,
} from '@encore/contracts';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Services } from '../clients/services.js';
import { ScheduleRooms } from '../gate/schedule-rooms.js';
import type { Change, Done, Origin } from './caller.js';

/** What organisers do to concerts, schedules and prices. */
@Injectable()
export class Organising {
  constructor(
    private readonly services: Services,
    private readonly rooms: ScheduleRooms,
  ) {}

  createConcert(
    concert: z.input<typeof CreateConcert.payload>,
    change: Change,
  ): Promise<Done<ConcertView>> {
    return this.services.request(CreateConcert, concert, change);
  }

  changeConcert(
    changed: z.input<typeof ChangeConcert.payload>,
    change: Change,
  ): Promise<Done<ConcertView>> {
    return this.services.request(ChangeConcert, changed, change);
  }

  async addSchedule(
    schedule: z.input<typeof AddSchedule.payload>,
    change: Change,
  ): Promise<Done<ScheduleView>> {
    return this.learn(await this.services.request(AddSchedule, schedule, change));
  }

  async changeSchedule(
    changed: z.input<typeof ChangeSchedule.payload>,
    change: Change,
  ): Promise<Done<ScheduleView>> {
    return this.learn(await this.services.request(ChangeSchedule, changed, change));
  }

  async setSeatPrices(
    prices: z.input<typeof SetSeatPrices.payload>,
    change: Change,
  ): Promise<Done<ScheduleView>> {
    return this.learn(await this.services.request(SetSeatPrices, prices, change));
  }

  /** The payment service knows money but not concerts: whether there is one, the owner says. */
  async salesReport(
    concertId: number,
    origin: Origin,
  ): Promise<{ concertId: number } & ReplyOf<typeof ReadSalesReport>> {
    const [report] = await Promise.all([
      this.services.query(ReadSalesReport, { concertId }, origin),
      this.services.query(ReadConcert, { concertId }, origin),
    ]);
    return { concertId, ...report };
  }

  private learn(done: Done<ScheduleView>): Done<ScheduleView> {
    this.rooms.learn({ ...done.value, roomId: done.value.waitingRoomId });
    return done;
  }
}
