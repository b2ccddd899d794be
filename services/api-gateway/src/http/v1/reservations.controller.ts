import {
  CancelReservation,
  ExtendHold,
  HoldSeats,
  ListReservations,
  ReadReservation,
  reservationState,
  reservationView,
  values,
} from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Bookings } from '../../application/bookings.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';
import { idText, pageQuery } from '../inputs.js';

const tag = 'reservations';
const params = z.strictObject({ reservationId: idText });

const HOLD = endpoint({
  method: 'POST',
  path: '/v1/reservations',
  tag,
  summary: 'Holds seats of one schedule for some minutes: all of them or none.',
  access: 'identified',
  gated: true,
  body: z
    .strictObject({
      scheduleId: values.id,
      seatNumbers: values.seatNumbers.optional(),
      bestAvailable: z.int().min(1).max(50).optional(),
    })
    .refine((body) => (body.seatNumbers === undefined) !== (body.bestAvailable === undefined), {
      message: 'Give either seatNumbers or bestAvailable.',
    })
    .transform(({ scheduleId, seatNumbers, bestAvailable }) => ({
      scheduleId,
      seats: seatNumbers === undefined ? { bestAvailable: bestAvailable ?? 1 } : { seatNumbers },
    })),
  answers: [{ status: 201, description: 'The hold.', body: reservationView }],
  refusals: [...HoldSeats.refusals, 'CONCERT_SCHEDULE_NOT_FOUND'],
});

const LIST = endpoint({
  method: 'GET',
  path: '/v1/reservations',
  tag,
  summary: 'The own reservations, newest first.',
  access: 'identified',
  query: z.strictObject({
    ...pageQuery,
    scheduleId: idText.optional().meta({ type: 'integer', minimum: 1 }),
    state: reservationState.optional(),
  }),
  answers: [{ status: 200, description: 'A page.', body: ListReservations.reply }],
  refusals: ListReservations.refusals,
});

const READ = endpoint({
  method: 'GET',
  path: '/v1/reservations/:reservationId',
  tag,
  summary: 'One reservation.',
  access: 'identified',
  params,
  answers: [{ status: 200, description: 'The reservation.', body: reservationView }],
  refusals: ReadReservation.refusals,
});

const CANCEL = endpoint({
  method: 'DELETE',
  path: '/v1/reservations/:reservationId',
  tag,
  summary: 'Releases a hold, or cancels a paid reservation so that it can be refunded.',
  access: 'identified',
  params,
  answers: [{ status: 200, description: 'The reservation as it is now.', body: reservationView }],
  refusals: CancelReservation.refusals,
});

const EXTEND = endpoint({
  method: 'POST',
  path: '/v1/reservations/:reservationId/extension',
  tag,
  summary: 'Gives a hold its full time again, once.',
  access: 'identified',
  params,
  answers: [{ status: 201, description: 'The hold with its new end.', body: reservationView }],
  refusals: ExtendHold.refusals,
});

@Controller()
export class ReservationsController {
  constructor(private readonly bookings: Bookings) {}

  @Serves(HOLD)
  async hold(@Call() call: HttpCall<typeof HOLD>) {
    const held = await this.bookings.hold(call.body, call.writer);
    return call.created(held, `/v1/reservations/${held.value.reservationId}`);
  }

  @Serves(LIST)
  async list(@Call() call: HttpCall<typeof LIST>) {
    return call.ok(await this.bookings.reservations(call.query, call.reader));
  }

  @Serves(READ)
  async read(@Call() call: HttpCall<typeof READ>) {
    return call.ok(await this.bookings.reservation(call.params.reservationId, call.reader));
  }

  @Serves(CANCEL)
  async cancel(@Call() call: HttpCall<typeof CANCEL>) {
    return call.done(await this.bookings.cancel(call.params.reservationId, call.writer));
  }

  @Serves(EXTEND)
  async extend(@Call() call: HttpCall<typeof EXTEND>) {
    return call.created(await this.bookings.extend(call.params.reservationId, call.writer));
  }
}
