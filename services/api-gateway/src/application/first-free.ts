import type { ReservationView } from '@encore/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { RefusalError } from '../clients/refusal-error.js';
import { Bookings } from './bookings.js';
import type { Done, Writer } from './caller.js';
import { partOf } from './part-of.js';

/** A schedule in which the seats cannot be had says nothing about the next one. */
const ELSEWHERE_PERHAPS: readonly string[] = [
  'RESERVATION_SEATS_TAKEN',
  'RESERVATION_SEAT_NOT_FOUND',
  'RESERVATION_SALE_CLOSED',
];

/** Seats for those who name no day. */
@Injectable()
export class FirstFree {
  constructor(@Inject(Bookings) private readonly bookings: Pick<Bookings, 'hold'>) {}

  /**
   * Holds the seats in the first of the schedules where they are free. Every schedule is really
   * asked, in this order, and each keeps its answer: so the same request again ends at the same
   * hold, and not at a second one in a schedule that looked full at the first time.
   */
  async hold(
    wanted: { scheduleIds: readonly number[]; seatNumbers: number[] },
    writer: Writer,
  ): Promise<Done<ReservationView>> {
    const seats = { seatNumbers: wanted.seatNumbers };
    let taken: RefusalError | undefined;
    for (const scheduleId of wanted.scheduleIds) {
      try {
        return await this.bookings.hold({ scheduleId, seats }, partOf(writer, scheduleId));
      } catch (error) {
        if (!(error instanceof RefusalError)) throw error;
        if (!ELSEWHERE_PERHAPS.includes(error.refusal)) throw error;
        // That somebody was faster says more than that some room is too small.
        if (taken?.refusal !== 'RESERVATION_SEATS_TAKEN') taken = error;
      }
    }
    throw taken ?? new RefusalError('CONCERT_SCHEDULE_NOT_FOUND');
  }
}
