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
import { Services } from '../clients/services.js';
import { Gate } from '../gate/gate.js';
import { ScheduleRooms } from '../gate/schedule-rooms.js';
import type { Done, Reader, Writer } from './caller.js';

export type WantedSeats = z.input<typeof HoldSeats.payload>['seats'];

export type ReservationFilter = Omit<z.input<typeof ListReservations.payload>, 'userId'>;

/** Seats from the hold to the cancellation. Only holding needs an active entry. */
@Injectable()
export class Bookings {
  constructor(
    private readonly services: Services,
    private readonly gate: Gate,
    private readonly rooms: ScheduleRooms,
  ) {}

  async hold(
    wanted: { scheduleId: number; seats: WantedSeats },
    writer: Writer,
  ): Promise<Done<ReservationView>> {
    const roomId = await this.rooms.roomOf(wanted.scheduleId, writer);
    const payload = { userId: writer.userId, ...wanted };
    return this.gate.passOrRecall(roomId, writer, {
      enter: () => this.services.request(HoldSeats, payload, writer),
      recall: () => this.services.recall(HoldSeats, writer),
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

  reservation(reservationId: number, reader: Reader): Promise<ReservationView> {
    const payload = { userId: reader.userId, reservationId };
    return this.services.query(ReadReservation, payload, reader);
  }

  reservations(
    filter: ReservationFilter,
    reader: Reader,
  ): Promise<ReplyOf<typeof ListReservations>> {
    return this.services.query(ListReservations, { ...filter, userId: reader.userId }, reader);
  }
}
