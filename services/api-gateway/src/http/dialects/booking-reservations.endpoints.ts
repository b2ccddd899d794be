import {
  CancelReservation,
  HoldSeats,
  ListReservations,
  ListSchedules,
  ReadReservation,
  values,
} from '@encore/contracts';
import { z } from 'zod';
import { endpoint } from '../endpoint.js';
import { idText, pageQuery } from '../inputs.js';
import { duration, key, reservation, reservationDetail } from './booking.shapes.js';
import { dateText, DEFAULT_CONCERT_ID, idInBody, tokenInBody } from './inputs.js';

const dialects = ['booking', 'booking-draft'] as const;
const tag = 'booking';
const params = z.strictObject({ id: idText });

export const RESERVE = endpoint({
  method: 'POST',
  path: '/reservations',
  dialects,
  tag,
  summary: 'Holds one seat, of a schedule or of a day, if the balance covers its price.',
  access: 'identified',
  gated: true,
  tokenField: true,
  body: z
    .strictObject({
      concertDetailId: idInBody.optional(),
      date: dateText.optional(),
      concertId: idInBody.default(DEFAULT_CONCERT_ID),
      seatNumber: values.seatNumber,
      token: tokenInBody,
      userId: idInBody.optional(),
    })
    .refine((body) => (body.concertDetailId === undefined) !== (body.date === undefined), {
      message: 'Give either concertDetailId or date.',
    }),
  answers: [
    {
      status: 200,
      description: 'The hold.',
      body: z.object({ reservation, reservationId: key, expiresIn: duration }),
    },
  ],
  refusals: [
    ...HoldSeats.refusals,
    ...ListSchedules.refusals,
    'CONCERT_SCHEDULE_NOT_FOUND',
    'WALLET_INSUFFICIENT_BALANCE',
  ],
  example: { body: { concertDetailId: 1, seatNumber: 1, token: 'JWT' } },
});

export const LIST = endpoint({
  method: 'GET',
  path: '/reservations',
  dialects: ['booking'],
  tag,
  summary: 'The own reservations, newest first.',
  access: 'identified',
  query: z.strictObject(pageQuery),
  answers: [
    {
      status: 200,
      description: 'The reservations; `nextCursor` is null unless there are more.',
      body: z.object({
        reservations: z.array(reservation),
        nextCursor: z.string().nullable(),
      }),
    },
  ],
  refusals: ListReservations.refusals,
});

export const READ = endpoint({
  method: 'GET',
  path: '/reservations/:id',
  dialects,
  tag,
  summary: 'One reservation.',
  access: 'identified',
  params,
  answers: [{ status: 200, description: 'The reservation.', body: reservationDetail }],
  refusals: ReadReservation.refusals,
  example: { params: { id: 1 } },
});

export const CANCEL = endpoint({
  method: 'DELETE',
  path: '/reservations/:id',
  dialects,
  tag,
  summary: 'Releases a hold, or cancels a paid reservation so that it can be refunded.',
  access: 'identified',
  params,
  answers: [
    {
      status: 200,
      description: 'Done.',
      body: z.object({
        message: z.literal('Reservation cancelled successfully'),
        status: z.string(),
      }),
    },
  ],
  refusals: CancelReservation.refusals,
  example: {
    params: { id: 1 },
    answer: { message: 'Reservation cancelled successfully', status: 'RELEASED' },
  },
});
