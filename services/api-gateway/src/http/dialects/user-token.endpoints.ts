import {
  ChargeWallet,
  HoldSeats,
  IssuePass,
  ListSchedules,
  ReadPass,
  ReadPassOf,
  ReadSeatMap,
  ReadWallet,
  values,
} from '@encore/contracts';
import { z } from 'zod';
import { endpoint } from '../endpoint.js';
import { idText } from '../inputs.js';
import { dateText, idInBody } from './inputs.js';

/** `POST /payment`, which `booking` has too, is with the endpoints of that dialect. */
const dialects = ['user-token'] as const;
const tag = 'user-token';

const TOKEN_HEADERS = { token: '3f0c9a52-7b1e-4c7d-9a44-0d6a1f6e2b90_123' };

const place = {
  queuePosition: z.int().min(0),
  /** Seconds. */
  estimatedWaitTime: z.int().min(0),
  estimatedWaitTimeIsKnown: z.boolean(),
};

export const ISSUE = endpoint({
  method: 'POST',
  path: '/user/token',
  dialects,
  tag,
  summary:
    'Takes a place in the queue, or finds the one there is; without a user, for a guest who is ' +
    'bound for good to the first user the token acts for.',
  access: 'anyone',
  givesToken: true,
  queryInBody: true,
  query: z.strictObject({ userId: idText.optional().meta({ type: 'integer', minimum: 1 }) }),
  answers: [
    {
      status: 200,
      description: 'The token and the place.',
      body: z.object({ token: z.string().regex(/^[0-9a-f-]{36}_\d+$/), ...place }),
    },
  ],
  refusals: [...IssuePass.refusals, ...ReadWallet.refusals],
  example: {
    answer: { token: 'UUID_queuePosition', queuePosition: 123, estimatedWaitTime: 300 },
  },
});

export const STATUS = endpoint({
  method: 'GET',
  path: '/user/token/status',
  dialects,
  tag,
  summary: 'The place of a token; position 0 when it is one’s turn.',
  access: 'identified',
  tokenField: true,
  queryInBody: true,
  query: z.strictObject({ token: z.string().optional() }),
  answers: [{ status: 200, description: 'The place.', body: z.object(place) }],
  refusals: [...ReadPass.refusals, ...ReadPassOf.refusals],
  example: {
    body: { token: 'UUID_queuePosition' },
    answer: { queuePosition: 123, estimatedWaitTime: 200 },
  },
});

export const DATES = endpoint({
  method: 'GET',
  path: '/concert/available-dates',
  dialects,
  tag,
  summary: 'Every day on which a seat can be booked.',
  access: 'identified',
  gated: true,
  answers: [
    {
      status: 200,
      description: 'The days, each once, in order.',
      body: z.object({ availableDates: z.array(z.iso.date()) }),
    },
  ],
  refusals: [...ReadPass.refusals, ...ListSchedules.refusals],
  example: {
    headers: TOKEN_HEADERS,
    answer: { availableDates: ['2024-01-01', '2024-01-02', '2024-01-03'] },
  },
});

export const SEATS = endpoint({
  method: 'GET',
  path: '/concert/available-seats',
  dialects,
  tag,
  summary: 'The numbers of the free seats of a concert on one day.',
  access: 'identified',
  gated: true,
  queryInBody: true,
  query: z.strictObject({ concertId: idText, concertDate: dateText }),
  answers: [
    {
      status: 200,
      description: 'The free seats by number.',
      body: z.object({ availableSeats: z.array(values.seatNumber) }),
    },
  ],
  refusals: [...ReadPass.refusals, ...ListSchedules.refusals, ...ReadSeatMap.refusals],
  example: {
    headers: TOKEN_HEADERS,
    body: { concertId: 1, concertDate: 'YYYY-MM-DD' },
    answer: { availableSeats: [1, 2, 3, 10, 20] },
  },
});

export const RESERVE = endpoint({
  method: 'POST',
  path: '/concert/reserve',
  dialects,
  tag,
  summary:
    'Holds a seat for some minutes; without a day, on the next one on which the seat is free.',
  access: 'identified',
  gated: true,
  body: z.strictObject({
    userId: idInBody,
    concertId: idInBody,
    seatNumber: values.seatNumber,
    concertDate: dateText.optional(),
  }),
  answers: [
    {
      status: 200,
      description: 'The hold.',
      body: z.object({
        concertDate: z.iso.date(),
        seatNumber: values.seatNumber,
        status: z.literal('reserved'),
        expireAt: z.string().regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/),
        reservationId: values.id,
      }),
    },
  ],
  refusals: [
    ...ReadPass.refusals,
    ...ListSchedules.refusals,
    ...ReadSeatMap.refusals,
    ...HoldSeats.refusals,
  ],
  example: {
    headers: TOKEN_HEADERS,
    body: { userId: 1, concertId: 1, seatNumber: 12 },
    answer: {
      concertDate: 'YYYY-MM-DD',
      seatNumber: 12,
      status: 'reserved',
      expireAt: '2024-12-29 12:30:00',
    },
  },
});

export const CHARGE = endpoint({
  method: 'POST',
  path: '/payment/charge',
  dialects,
  tag,
  summary: 'Puts money into the own wallet.',
  access: 'identified',
  allowsEnded: true,
  body: z.strictObject({ userId: idInBody, amount: values.amountKrw }),
  answers: [
    {
      status: 200,
      description: 'The balance after it.',
      body: z.object({
        userId: values.id,
        balance: values.totalKrw,
        message: z.literal('Balance charged successfully.'),
      }),
    },
  ],
  refusals: [...ReadPass.refusals, ...ChargeWallet.refusals],
  example: {
    headers: TOKEN_HEADERS,
    body: { userId: 1, amount: 30_000 },
    answer: { userId: 1, balance: 5_000, message: 'Balance charged successfully.' },
  },
});

export const BALANCE = endpoint({
  method: 'GET',
  path: '/payment/balance',
  dialects,
  tag,
  summary: 'The own balance.',
  access: 'identified',
  allowsEnded: true,
  queryInBody: true,
  query: z.strictObject({ userId: idText }),
  answers: [
    {
      status: 200,
      description: 'The balance.',
      body: z.object({ userId: values.id, balance: values.totalKrw }),
    },
  ],
  refusals: [...ReadPass.refusals, ...ReadWallet.refusals],
  example: {
    headers: TOKEN_HEADERS,
    body: { userId: 1 },
    answer: { userId: 1, balance: 3_000 },
  },
});
