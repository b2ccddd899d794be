import { Controller } from '@nestjs/common';
import { Bookings } from '../../application/bookings.js';
import { Catalogue } from '../../application/catalogue.js';
import { CoveredHolds } from '../../application/covered-holds.js';
import { Call, type HttpCall } from '../call.js';
import { Serves } from '../endpoint.js';
import { CANCEL, LIST, READ, RESERVE } from './booking-reservations.endpoints.js';
import { holdWords, reservationDetailOf, reservationOf } from './booking.shapes.js';
import { LocalTime } from './local-time.js';
import { scheduleOn } from './schedule-on.js';

/** Who reads no pages sees as many as a page can hold. */
const MOST_ROWS = 100;

/** `booking` and its draft, from the hold to the cancellation. */
@Controller()
export class BookingReservationsController {
  constructor(
    private readonly holds: CoveredHolds,
    private readonly bookings: Bookings,
    private readonly catalogue: Catalogue,
    private readonly time: LocalTime,
  ) {}

  @Serves(RESERVE)
  async reserve(@Call() call: HttpCall<typeof RESERVE>) {
    const { seatNumber } = call.body;
    const scheduleId = await this.scheduleOf(call);
    const { value, replayed } = await this.holds.hold({ scheduleId, seatNumber }, call.writer);
    const reservation = reservationOf(value, this.time);
    const { reservationId } = reservation;
    return call.done({
      value: { reservation, reservationId, expiresIn: holdWords(value) },
      replayed,
    });
  }

  @Serves(LIST)
  async list(@Call() call: HttpCall<typeof LIST>) {
    const page = { ...call.query, limit: call.query.limit ?? MOST_ROWS };
    const { items, nextCursor } = await this.bookings.reservations(page, call.reader);
    return call.ok({
      reservations: items.map((one) => reservationOf(one, this.time)),
      nextCursor,
    });
  }

  @Serves(READ)
  async read(@Call() call: HttpCall<typeof READ>) {
    const view = await this.bookings.reservation(call.params.id, call.reader);
    return call.ok(reservationDetailOf(view, this.time));
  }

  @Serves(CANCEL)
  async cancel(@Call() call: HttpCall<typeof CANCEL>) {
    const { value, replayed } = await this.bookings.cancel(call.params.id, call.writer);
    const message = 'Reservation cancelled successfully';
    return call.done({ value: { message, status: value.state }, replayed });
  }

  private async scheduleOf({ body, writer }: HttpCall<typeof RESERVE>): Promise<number> {
    const { concertDetailId, concertId, date } = body;
    if (concertDetailId !== undefined) return concertDetailId;
    const schedules = await this.catalogue.bookableSchedules(concertId, writer);
    return scheduleOn(date ?? '', schedules, this.time).scheduleId;
  }
}
