import {
  CancelReservation,
  ExtendHold,
  HoldSeats,
  ListReservations,
  ReadReservation,
  type ReplyOf,
  type ReservationView,
} from '@encore/contracts';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { RefusalError } from '../clients/refusal-error.js';
import { Services } from '../clients/services.js';
import { Gate } from '../gate/gate.js';
import { ReservedSchedules } from '../gate/reserved-schedules.js';
import { ScheduleRooms } from '../gate/schedule-rooms.js';
import type { Done, Reader, Writer } from './caller.js';
import {
  Catalogue,
  mustBelong,
  SeatMaps,
  type ConcertSchedule,
  type SeatMap,
} from './catalogue.js';

export type WantedSeats = z.input<typeof HoldSeats.payload>['seats'];

export type ReservationFilter = Omit<z.input<typeof ListReservations.payload>, 'userId'>;

/** Seats from the hold to the cancellation. Only holding needs an active entry. */
@Injectable()
export class Bookings {
  constructor(
    private readonly services: Services,
    private readonly gate: Gate,
    private readonly rooms: ScheduleRooms,
    private readonly reserved: ReservedSchedules,
    private readonly catalogue: Catalogue,
    private readonly seatMaps: SeatMaps,
  ) {}

  async hold(
    wanted: { scheduleId: number; seats: WantedSeats },
    writer: Writer,
  ): Promise<Done<ReservationView>> {
    const roomId = await this.rooms.roomOf(wanted.scheduleId, writer);
    const payload = { userId: writer.userId, ...wanted };
    return this.gate.passOrRecall(roomId, writer, {
      enter: () => this.take(payload, writer),
      recall: () => this.services.recall(HoldSeats, writer),
    });
  }

  /** For those who know a seat by its id and name its concert too. */
  async holdById(
    { seatId, ...wanted }: ConcertSchedule & { seatId: number },
    writer: Writer,
  ): Promise<Done<ReservationView>> {
    const { concertId, scheduleId } = wanted;
    return this.catalogue.inConcert(concertId, writer, async () => {
      const roomId = await this.rooms.roomOf(scheduleId, writer);
      return this.gate.passOrRecall(roomId, writer, {
        enter: async () => {
          const map = await this.seatMaps.of(scheduleId, writer);
          mustBelong(map.schedule, concertId);
          const seats = { seatNumbers: [seatNumberOf(map, seatId)] };
          const payload = { userId: writer.userId, scheduleId, seats };
          return this.take(payload, writer);
        },
        recall: () => this.services.recall(HoldSeats, writer),
      });
    });
  }

  extend(reservationId: number, writer: Writer): Promise<Done<ReservationView>> {
    const payload = { userId: writer.userId, reservationId };
    return this.services.request(ExtendHold, payload, writer);
  }

  cancel(reservationId: number, writer: Writer): Promise<Done<ReservationView>> {
    const payload = { userId: writer.userId, reservationId };
    return this.services.request(CancelReservation, payload, writer);
  }

  async reservation(reservationId: number, reader: Reader): Promise<ReservationView> {
    const payload = { userId: reader.userId, reservationId };
    return this.reserved.learn(await this.services.query(ReadReservation, payload, reader));
  }

  reservations(
    filter: ReservationFilter,
    reader: Reader,
  ): Promise<ReplyOf<typeof ListReservations>> {
    return this.services.query(ListReservations, { ...filter, userId: reader.userId }, reader);
  }

  private async take(
    payload: z.input<typeof HoldSeats.payload>,
    writer: Writer,
  ): Promise<Done<ReservationView>> {
    const done = await this.services.request(HoldSeats, payload, writer);
    this.reserved.learn(done.value);
    return done;
  }
}

const NO_SEAT = 'RESERVATION_SEAT_NOT_FOUND' satisfies (typeof HoldSeats.refusals)[number];

function seatNumberOf({ seats }: SeatMap, seatId: number): number {
  const seat = seats.find((one) => one.seatId === seatId);
  if (seat === undefined) throw new RefusalError(NO_SEAT);
  return seat.seatNumber;
}
