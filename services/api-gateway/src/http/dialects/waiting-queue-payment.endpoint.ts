import {
  ReadConcert,
  ReadReservation,
  ReadSchedule,
  RequestPayment,
  values,
} from '@encore/contracts';
import { z } from 'zod';
import { endpoint } from '../endpoint.js';
import { idText } from '../inputs.js';
import { idInBody } from './inputs.js';

export const PAY = endpoint({
  method: 'POST',
  path: '/api/concerts/:concertId/schedules/:concertScheduleId/seats/reservation/payment',
  dialects: ['waiting-queue'],
  tag: 'waiting-queue',
  summary: 'Pays everything the user holds on one day of a concert, all or nothing.',
  access: 'identified',
  gated: true,
  waitsFor: 'payment',
  params: z.strictObject({ concertId: idText, concertScheduleId: idText }),
  body: z.strictObject({ userId: idInBody, concertScheduleId: idInBody }),
  answers: [
    {
      status: 200,
      description: 'Paid.',
      body: z.object({
        paymentDate: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/),
        paymentAmount: values.amountKrw,
        paymentStatus: z.literal('결제 완료'),
      }),
    },
  ],
  refusals: [
    ...ReadConcert.refusals,
    ...ReadSchedule.refusals,
    ...ReadReservation.refusals,
    ...RequestPayment.refusals,
  ],
  example: {
    params: { concertId: 1, concertScheduleId: 1 },
    headers: { token: 'a1s2d3' },
    body: { userId: 1, concertScheduleId: 1 },
    answer: {
      paymentDate: '2024-10-10T10:10:10',
      paymentAmount: 3_000,
      paymentStatus: '결제 완료',
    },
  },
});
