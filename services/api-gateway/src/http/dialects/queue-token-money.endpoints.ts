import {
  ChargeWallet,
  ReadPass,
  ReadReservation,
  ReadWallet,
  RequestPayment,
  values,
} from '@encore/contracts';
import { z } from 'zod';
import { endpoint } from '../endpoint.js';
import { idText } from '../inputs.js';
import type { Problem } from '../problem.js';
import { allOf } from './errors.js';
import { idInBody } from './inputs.js';

const dialects = ['queue-token'] as const;
const tag = 'queue-token';

const ofUser = z.strictObject({ userId: idText });
const balance = z.object({ userId: values.id, currentAmount: values.totalKrw });
const BALANCE_EXAMPLE = { userId: 1, currentAmount: 20_000 };

export const PAY = endpoint({
  method: 'POST',
  path: '/payment/concerts/users/:userId',
  dialects,
  tag,
  summary: 'Pays a hold, wholly or not at all.',
  access: 'identified',
  gated: true,
  waitsFor: 'payment',
  params: ofUser,
  body: z.strictObject({ reservationId: idInBody }),
  answers: [
    {
      status: 200,
      description: 'Paid.',
      body: z.object({
        paymentId: values.id,
        amount: values.amountKrw,
        paymentStatus: z.literal('COMPLETED'),
      }),
    },
  ],
  refusals: [
    ...ReadPass.refusals,
    ...ReadReservation.refusals,
    ...RequestPayment.refusals,
    'CONCERT_SCHEDULE_NOT_FOUND',
  ],
  // What ends a payment that its owner did nothing wrong about is a failure of ours.
  errors: allOf(
    [
      'INTERNAL',
      'PAYMENT_ABANDONED',
      'RESERVATION_PIN_WITHDRAWN',
      'RESERVATION_NOT_PINNED',
      'WALLET_DEBIT_WITHDRAWN',
    ],
    'payment failed',
    500,
  ),
  example: {
    params: { userId: 1 },
    headers: { authorization: '1' },
    body: { reservationId: 1 },
    answer: { paymentId: 1, amount: 10_000, paymentStatus: 'COMPLETED' },
  },
});

export const CHARGE = endpoint({
  method: 'POST',
  path: '/balance/users/:userId/charge',
  dialects,
  tag,
  summary: 'Puts money into a wallet.',
  access: 'anyone',
  allowsEnded: true,
  params: ofUser,
  body: z.strictObject({ amount: values.amountKrw }),
  answers: [{ status: 200, description: 'The balance after it.', body: balance }],
  refusals: ChargeWallet.refusals,
  errors: {
    ...allOf(['WALLET_CAP_REACHED', 'WALLET_DAILY_CAP_REACHED'], 'charge failed'),
    ...allOf(['WALLET_AMOUNT_OUT_OF_RANGE'], 'invalid charge amount', 400),
    ...allOf(['VALIDATION_FAILED'], wrongAmountOf),
    ...allOf(['INTERNAL'], 'charge failed'),
  },
  example: {
    params: { userId: 1 },
    body: { amount: 10_000 },
    answer: BALANCE_EXAMPLE,
  },
});

export const READ_BALANCE = endpoint({
  method: 'GET',
  path: '/balance/users/:userId',
  dialects,
  tag,
  summary: 'The balance of a user.',
  access: 'anyone',
  allowsEnded: true,
  params: ofUser,
  answers: [{ status: 200, description: 'The balance.', body: balance }],
  refusals: ReadWallet.refusals,
  example: { params: { userId: 1 }, answer: BALANCE_EXAMPLE },
});

/** Whatever is wrong with the body, it names no amount that could be charged. */
function wrongAmountOf({ title, detail, members }: Problem): string {
  const faults: unknown = members?.['errors'];
  const isInBody = (fault: unknown) =>
    typeof fault === 'object' && fault !== null && 'in' in fault && fault.in === 'body';
  const isAmount = Array.isArray(faults) && faults.every(isInBody);
  return isAmount ? 'invalid charge amount' : (detail ?? title);
}
