import {
  ChargeWallet,
  HoldSeats,
  IssuePass,
  ListSchedules,
  ReadConcert,
  ReadPassOf,
  ReadSchedule,
  ReadSeatMap,
  ReadWallet,
  values,
} from '@encore/contracts';
import { z } from 'zod';
import { endpoint } from '../endpoint.js';
import { idText } from '../inputs.js';
import { idInBody } from './inputs.js';

const dialects = ['waiting-queue'] as const;
const tag = 'waiting-queue';

const ofUser = z.object({ 'user-id': idText.describe('The user.') });
const ofConcert = z.strictObject({ concertId: idText });
const ofSchedule = z.strictObject({ concertId: idText, concertScheduleId: idText });

const localDateTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/)
  .meta({ description: 'The wall clock of the concert hall.' });

const queueToken = {
  userId: values.id,
  token: z.string(),
  tokenCreated: localDateTime,
  tokenExpiry: localDateTime,
  tokenStatus: z.enum(['대기', '활성', '만료']),
};
const position = z.int().min(0);
const amount = z.object({ userId: values.id, amount: values.totalKrw });

const USER_HEADERS = { 'user-id': '1' };
const TOKEN_HEADERS = { token: 'a1s2d3' };
const TOKEN_TIMES = { tokenCreated: '2024-10-10T10:00:00', tokenExpiry: '2024-10-10T10:05:00' };
const QUEUE_TOKEN = { token: 'a1s2d3', ...TOKEN_TIMES, tokenStatus: '대기' };

export const ISSUE = endpoint({
  method: 'POST',
  path: '/api/waiting-queue',
  dialects,
  tag,
  summary: 'Takes a place in the queue, or finds the one there is, with its token.',
  access: 'anyone',
  givesToken: true,
  headers: ofUser,
  answers: [
    { status: 200, description: 'The token.', body: z.object({ ...queueToken, position }) },
  ],
  refusals: [...IssuePass.refusals, ...ReadWallet.refusals],
  example: { headers: USER_HEADERS, answer: { userId: 1, ...QUEUE_TOKEN } },
});

export const POSITION = endpoint({
  method: 'GET',
  path: '/api/waiting-queue/position',
  dialects,
  tag,
  summary: 'The place of a user; position 0 when it is the user’s turn, or was.',
  access: 'anyone',
  allowsEnded: true,
  headers: ofUser,
  answers: [
    { status: 200, description: 'The place.', body: z.object({ ...queueToken, position }) },
  ],
  refusals: [...ReadPassOf.refusals, ...ReadWallet.refusals],
  example: { headers: USER_HEADERS, answer: { userId: 1, position: 40, ...QUEUE_TOKEN } },
});

export const SCHEDULES = endpoint({
  method: 'GET',
  path: '/api/concerts/:concertId/schedules',
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
        schedules: z.array(z.object({ concertDateId: values.id, scheduleAt: localDateTime })),
      }),
    },
  ],
  refusals: ListSchedules.refusals,
  example: {
    params: { concertId: 1 },
    headers: TOKEN_HEADERS,
    answer: {
      concertId: 1,
      schedules: [
        { concertDateId: 1, scheduleAt: '2024-10-10T10:00:00' },
        { concertDateId: 2, scheduleAt: '2024-10-10T10:10:10' },
      ],
    },
  },
});

export const SEATS = endpoint({
  method: 'GET',
  path: '/api/concerts/:concertId/schedules/:concertScheduleId/seats',
  dialects,
  tag,
  summary: 'Every seat of one day of a concert; reserveYn says whether it is held or sold.',
  access: 'identified',
  gated: true,
  params: ofSchedule,
  answers: [
    {
      status: 200,
      description: 'The seats by number.',
      body: z.object({
        concertId: values.id,
        scheduleId: values.id,
        seats: z.array(
          z.object({
            seatId: values.id,
            seatNumber: values.seatNumber,
            reserveYn: z.enum(['Y', 'N']),
          }),
        ),
      }),
    },
  ],
  refusals: [...ReadConcert.refusals, ...ReadSeatMap.refusals],
  example: {
    params: { concertId: 1, concertScheduleId: 1 },
    headers: TOKEN_HEADERS,
    answer: {
      concertId: 1,
      scheduleId: 1,
      seats: [
        { seatId: 1, seatNumber: 1, reserveYn: 'N' },
        { seatId: 2, seatNumber: 2, reserveYn: 'N' },
      ],
    },
  },
});

export const RESERVE = endpoint({
  method: 'POST',
  path: '/api/concerts/:concertId/schedules/:concertScheduleId/seats/reservation',
  dialects,
  tag,
  summary: 'Holds seats, by number, for some minutes: all of them or none.',
  access: 'identified',
  gated: true,
  params: ofSchedule,
  body: z.strictObject({ userId: idInBody, seats: values.seatNumbers }),
  answers: [
    {
      status: 200,
      description: 'The hold.',
      body: z.object({
        userId: values.id,
        concertName: z.string(),
        totalPrice: values.amountKrw,
        seats: z.array(
          z.object({
            seatNumber: values.seatNumber,
            status: z.literal('예약완료'),
            seatPrice: values.amountKrw,
          }),
        ),
        reservationId: values.id,
      }),
    },
  ],
  refusals: [...ReadConcert.refusals, ...ReadSchedule.refusals, ...HoldSeats.refusals],
  example: {
    params: { concertId: 1, concertScheduleId: 1 },
    headers: TOKEN_HEADERS,
    body: { userId: 1, seats: [1, 2] },
    answer: {
      userId: 1,
      concertName: '임영웅가을콘서트',
      totalPrice: 4_000,
      seats: [
        { seatNumber: 1, status: '예약완료', seatPrice: 2_000 },
        { seatNumber: 2, status: '예약완료', seatPrice: 2_000 },
      ],
    },
  },
});

export const CHARGE = endpoint({
  method: 'PATCH',
  path: '/api/balances/balance/charge',
  dialects,
  tag,
  summary: 'Puts money into the wallet: the body is the amount, and nothing else.',
  access: 'anyone',
  allowsEnded: true,
  headers: ofUser,
  bareNumber: true,
  body: values.amountKrw,
  answers: [{ status: 200, description: 'The balance after it.', body: amount }],
  refusals: ChargeWallet.refusals,
  example: { headers: USER_HEADERS, body: 1_000, answer: { userId: 1, amount: 4_000 } },
});

export const BALANCE = endpoint({
  method: 'GET',
  path: '/api/balances/balance',
  dialects,
  tag,
  summary: 'The balance of a user.',
  access: 'anyone',
  allowsEnded: true,
  headers: ofUser,
  answers: [{ status: 200, description: 'The balance.', body: amount }],
  refusals: ReadWallet.refusals,
  example: { headers: USER_HEADERS, answer: { userId: 1, amount: 3_000 } },
});
