import {
  ChargeWallet,
  ReadPaymentsPage,
  ReadReservation,
  ReadWallet,
  RequestPayment,
  RequestRefund,
  values,
} from '@encore/contracts';
import { z } from 'zod';
import { endpoint } from '../endpoint.js';
import { idText, limitText } from '../inputs.js';
import { key, payment } from './booking.shapes.js';
import { allOf } from './errors.js';
import { idInBody, pageText } from './inputs.js';

const dialects = ['booking', 'booking-draft'] as const;
const tag = 'booking';
const balance = z.object({ balance: values.totalKrw });

export const READ_BALANCE = endpoint({
  method: 'GET',
  path: '/balance',
  dialects,
  tag,
  summary: 'The own balance.',
  access: 'identified',
  queryInBody: true,
  query: z.strictObject({ userId: idText.optional().meta({ type: 'integer', minimum: 1 }) }),
  answers: [{ status: 200, description: 'The balance.', body: balance }],
  refusals: ReadWallet.refusals,
  example: { answer: { balance: 20_000 } },
});

export const CHARGE = endpoint({
  method: 'POST',
  path: '/balance',
  dialects,
  tag,
  summary: 'Puts money into the own wallet.',
  access: 'identified',
  body: z.strictObject({ userId: idInBody.optional(), amount: values.amountKrw }),
  answers: [{ status: 200, description: 'The balance after it.', body: balance }],
  refusals: ChargeWallet.refusals,
  example: { body: { userId: '1', amount: 10_000 }, answer: { balance: 20_000 } },
});

const payRefusals = [...RequestPayment.refusals, ...ReadReservation.refusals] as const;

export const PAY = endpoint({
  method: 'POST',
  path: '/payment',
  dialects: ['booking', 'booking-draft', 'user-token'],
  tag,
  summary: 'Pays one hold; without a reservation, everything the user holds, all or nothing.',
  access: 'identified',
  gated: true,
  waitsFor: 'payment',
  tokenField: true,
  body: z
    .strictObject({
      reservationId: idInBody.optional(),
      userId: idInBody.optional(),
      amount: values.amountKrw.optional(),
      token: z.string().optional(),
    })
    .refine(({ reservationId, userId }) => reservationId !== undefined || userId !== undefined, {
      message: 'Give a reservationId, or a userId to pay everything that is held.',
    })
    .refine(({ reservationId, amount }) => reservationId !== undefined || amount === undefined, {
      message: 'An amount belongs to a reservationId.',
    }),
  answers: [
    {
      status: 200,
      description: 'Paid.',
      body: z.union([
        z.object({ status: z.literal('success'), transactionId: key }),
        z.object({
          userId: values.id,
          status: z.literal('completed'),
          message: z.literal('Payment successful and ownership assigned.'),
        }),
      ]),
    },
  ],
  refusals: [...payRefusals, 'CONCERT_SCHEDULE_NOT_FOUND'],
  errors: {
    ...allOf(payRefusals, 'Payment failed'),
    RESERVATION_AMOUNT_DIFFERS: { text: 'Payment failed', status: 400 },
  },
  example: {
    body: { reservationId: '1', userId: '1', amount: 10_000 },
    answer: { status: 'success', transactionId: '1' },
  },
});

export const LIST_PAYMENTS = endpoint({
  method: 'GET',
  path: '/payments',
  dialects: ['booking-draft'],
  tag: 'booking-draft',
  summary: 'The own payments by page, newest first.',
  access: 'identified',
  query: z.strictObject({
    userId: idText.optional().meta({ type: 'integer', minimum: 1 }),
    page: pageText,
    limit: limitText,
  }),
  answers: [
    {
      status: 200,
      description: 'A page, and how many payments there are in all.',
      body: z.object({ payments: z.array(payment), total: z.int().min(0) }),
    },
  ],
  refusals: ReadPaymentsPage.refusals,
  example: { query: { userId: 1, page: 1, limit: 10 } },
});

const refundRefusals = RequestRefund.refusals.filter((code) => code !== 'PAYMENT_NOT_YOURS');

export const REFUND = endpoint({
  method: 'POST',
  path: '/refunds',
  dialects,
  tag,
  summary: 'Gives the money for a reservation back, once.',
  access: 'identified',
  waitsFor: 'payment',
  body: z.strictObject({
    reservationId: idInBody,
    reason: z.string().trim().min(1).max(500).optional(),
    userId: idInBody.optional(),
  }),
  answers: [
    {
      status: 200,
      description: 'The money is back.',
      body: z.object({
        message: z.literal('Refund processed successfully'),
        refundId: key,
        amount: values.totalKrw,
        status: z.string(),
      }),
    },
  ],
  refusals: [...RequestRefund.refusals, ...ReadReservation.refusals],
  errors: {
    ...allOf(refundRefusals, 'Refund not possible', 409),
    ...allOf(
      ['RESERVATION_NOT_FOUND', 'RESERVATION_NOT_YOURS', 'PAYMENT_NOT_YOURS'],
      'Invalid reservation',
    ),
  },
  example: {
    body: { reservationId: 1, reason: 'string' },
    answer: { message: 'Refund processed successfully' },
  },
});
