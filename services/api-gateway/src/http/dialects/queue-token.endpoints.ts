import {
  HoldSeats,
  IssuePass,
  ListSchedules,
  ReadConcert,
  ReadPass,
  ReadPassOf,
  ReadSeatMap,
  ReadWallet,
  values,
} from '@encore/contracts';
import { z } from 'zod';
import { endpoint } from '../endpoint.js';
import { idText } from '../inputs.js';
import { allOf } from './errors.js';
import { idInBody } from './inputs.js';

const dialects = ['queue-token'] as const;
const tag = 'queue-token';

const localDateTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/)
  .meta({ description: 'The wall clock of the concert hall.' });
const ofUser = z.strictObject({ userId: idText });
const ofConcert = z.strictObject({ concertId: idText });
const ofSchedule = z.strictObject({ concertId: idText, scheduleId: idText });

const queueToken = z.object({
  tokenId: values.id,
  createdAt: localDateTime,
  expiredAt: localDateTime,
  /** For clients that can keep more than a number. */
  token: z.string(),
});

const TOKEN_EXAMPLE = {
  params: { userId: 1 },
  answer: { tokenId: 1, createdAt: '2024-10-10T10:00:00', expiredAt: '2024-10-10T10:05:00' },
};
const TOKEN_HEADERS = { authorization: '1' };

export const ISSUE_TOKEN = endpoint({
  method: 'POST',
  path: '/queue/token/users/:userId',
  dialects,
  tag,
  summary: 'Takes a place in the queue, or finds the one there is, with its token.',
  access: 'anyone',
  givesToken: true,
  params: ofUser,
  answers: [{ status: 200, description: 'The token.', body: queueToken }],
  refusals: [...IssuePass.refusals, ...ReadWallet.refusals],
  example: TOKEN_EXAMPLE,
});

export const READ_TOKEN = endpoint({
  method: 'GET',
  path: '/queue/token/users/:userId',
  dialects,
  tag,
  summary: 'The live token of a user.',
  access: 'anyone',
  givesToken: true,
  params: ofUser,
  answers: [{ status: 200, description: 'The token.', body: queueToken }],
  refusals: [...ReadPassOf.refusals, ...ReadWallet.refusals],
  example: TOKEN_EXAMPLE,
});

export const READ_STATUS = endpoint({
  method: 'GET',
  path: '/queue/status',
  dialects,
  tag,
  summary: 'How the place stands that a token was given for.',
  access: 'identified',
  allowsEnded: true,
  answers: [
    {
      status: 200,
      description: 'The place.',
      body: z.object({
        queueId: values.id,
        createdAt: localDateTime,
        status: z.enum(['WAIT', 'ACTIVE', 'EXPIRED']),
        position: z.int().min(0),
      }),
    },
  ],
  refusals: [...ReadPass.refusals, ...ReadPassOf.refusals],
  example: {
    headers: TOKEN_HEADERS,
    answer: { queueId: 1, createdAt: '2024-10-10T10:00:00', status: 'WAIT' },
  },
});

export const LIST_SCHEDULES = endpoint({
  method: 'GET',
  path: '/concerts/:concertId/schedules',
  dialects,
  tag,
  summary: 'The days of a concert that can be booked.',
  access: 'identified',
  gated: true,
  params: ofConcert,
  answers: [
    {
      status: 200,
      description: 'The days by their start.',
      body: z.object({
        concertId: values.id,
        schedules: z.array(
          z.object({
            scheduleId: values.id,
            concertAt: localDateTime,
            reservationAt: localDateTime,
          }),
        ),
      }),
    },
  ],
  refusals: [...ReadPass.refusals, ...ListSchedules.refusals],
  errors: allOf(
    ['QUEUE_PASS_NOT_FOUND', 'QUEUE_ENTRY_NOT_FOUND', 'ENTRY_REQUIRED'],
    'user not token',
    404,
  ),
  example: {
    params: { concertId: 1 },
    headers: TOKEN_HEADERS,
    answer: {
      concertId: 1,
      schedules: [
        {
          scheduleId: 1,
          concertAt: '2024-10-10T10:00:00',
          reservationAt: '2024-10-01T10:00:00',
        },
        {
          scheduleId: 2,
          concertAt: '2024-10-17T10:00:00',
          reservationAt: '2024-10-10T10:00:00',
        },
      ],
    },
  },
});

export const LIST_SEATS = endpoint({
  method: 'GET',
  path: '/concerts/:concertId/schedules/:scheduleId/seats',
  dialects,
  tag,
  summary: 'Every seat of one day of a concert.',
  access: 'identified',
  gated: true,
  params: ofSchedule,
  answers: [
    {
      status: 200,
      description: 'The seats by number.',
      body: z.object({
        concertId: values.id,
        concertAt: localDateTime,
        seats: z.array(
          z.object({
            seatId: values.id,
            seatNumber: values.seatNumber,
            seatStatus: z.enum(['AVAILABLE', 'UNAVAILABLE']),
            seatPrice: values.amountKrw,
          }),
        ),
      }),
    },
  ],
  refusals: [...ReadPass.refusals, ...ReadConcert.refusals, ...ReadSeatMap.refusals],
  example: {
    params: { concertId: 1, scheduleId: 1 },
    headers: TOKEN_HEADERS,
    answer: {
      concertId: 1,
      concertAt: '2024-10-10T10:00:00',
      seats: [
        { seatId: 1, seatNumber: 1, seatStatus: 'AVAILABLE', seatPrice: 10_000 },
        { seatId: 2, seatNumber: 2, seatStatus: 'UNAVAILABLE', seatPrice: 10_000 },
        { seatId: 50, seatNumber: 50, seatStatus: 'UNAVAILABLE', seatPrice: 10_000 },
      ],
    },
  },
});

export const RESERVE = endpoint({
  method: 'POST',
  path: '/concerts/reservations',
  dialects,
  tag,
  summary: 'Holds a seat for some minutes.',
  access: 'identified',
  gated: true,
  body: z.strictObject({
    userId: idInBody,
    concertId: idInBody,
    scheduleId: idInBody,
    seatId: idInBody,
  }),
  answers: [
    {
      status: 200,
      description: 'The hold.',
      body: z.object({
        reservationId: values.id,
        concertId: values.id,
        concertName: z.string(),
        concertAt: localDateTime,
        seatNumber: values.seatNumber,
        // Spelt as the document spells it.
        seatprice: values.amountKrw,
        reservationStatus: z.literal('PAYMENT_PENDING'),
      }),
    },
  ],
  refusals: [
    ...ReadPass.refusals,
    ...ReadConcert.refusals,
    ...ReadSeatMap.refusals,
    ...HoldSeats.refusals,
  ],
  example: {
    headers: TOKEN_HEADERS,
    body: { userId: 1, concertId: 1, scheduleId: 1, seatId: 20 },
    answer: {
      reservationId: 1,
      concertId: 1,
      concertName: '아이유 콘서트',
      concertAt: '2024-10-10T10:00:00',
      seatNumber: 10,
      seatprice: 10_000,
      reservationStatus: 'PAYMENT_PENDING',
    },
  },
});
