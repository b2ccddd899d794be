import {
  AddSchedule,
  ChangeConcert,
  ChangeSchedule,
  concertView,
  CreateConcert,
  ReadConcert,
  ReadSalesReport,
  scheduleView,
  seatRange,
  SetSeatPrices,
  values,
} from '@encore/contracts';
import { z } from 'zod';
import { endpoint } from '../endpoint.js';
import { idText, instant, notEmpty } from '../inputs.js';

/** What organisers can call; apart from the controller, because there is much to say about each. */

const shared = { tag: 'organisers', access: 'organiser' } as const;
const ofConcert = z.strictObject({ concertId: idText });
const ofSchedule = z.strictObject({ scheduleId: idText });
const seats = z.array(seatRange.strict()).min(1).max(200);

export const CREATE_CONCERT = endpoint({
  ...shared,
  method: 'POST',
  path: '/v1/admin/concerts',
  summary: 'Creates a concert.',
  body: z.strictObject(CreateConcert.payload.shape),
  answers: [{ status: 201, description: 'The concert.', body: concertView }],
  refusals: CreateConcert.refusals,
});

export const CHANGE_CONCERT = endpoint({
  ...shared,
  method: 'PATCH',
  path: '/v1/admin/concerts/:concertId',
  summary: 'Changes the given texts of a concert.',
  params: ofConcert,
  body: notEmpty(ChangeConcert.payload.omit({ concertId: true }).strict()),
  answers: [{ status: 200, description: 'The concert as it is now.', body: concertView }],
  refusals: ChangeConcert.refusals,
});

export const ADD_SCHEDULE = endpoint({
  ...shared,
  method: 'POST',
  path: '/v1/admin/concerts/:concertId/schedules',
  summary: 'Adds a day with its seats and prices.',
  params: ofConcert,
  body: z.strictObject({
    startsAt: instant,
    salesOpenAt: instant.optional(),
    saleOpen: z.boolean().default(true),
    waitingRoomId: values.roomId.default('default'),
    seats,
  }),
  answers: [{ status: 201, description: 'The schedule.', body: scheduleView }],
  refusals: AddSchedule.refusals,
});

export const CHANGE_SCHEDULE = endpoint({
  ...shared,
  method: 'PATCH',
  path: '/v1/admin/schedules/:scheduleId',
  summary: 'Changes time or waiting room, opens or closes the sale.',
  params: ofSchedule,
  body: notEmpty(
    z.strictObject({
      startsAt: instant.optional(),
      salesOpenAt: instant.optional(),
      saleOpen: z.boolean().optional(),
      waitingRoomId: values.roomId.optional(),
    }),
  ),
  answers: [{ status: 200, description: 'The schedule as it is now.', body: scheduleView }],
  refusals: ChangeSchedule.refusals,
});

export const SET_SEAT_PRICES = endpoint({
  ...shared,
  method: 'PUT',
  path: '/v1/admin/schedules/:scheduleId/seats',
  summary: 'Adds seats or changes prices; what is held keeps its price.',
  params: ofSchedule,
  body: z.strictObject({ seats }),
  answers: [{ status: 200, description: 'The schedule as it is now.', body: scheduleView }],
  refusals: SetSeatPrices.refusals,
});

export const SALES_REPORT = endpoint({
  ...shared,
  method: 'GET',
  path: '/v1/admin/concerts/:concertId/sales-report',
  summary: 'Money taken and given back, per schedule.',
  params: ofConcert,
  answers: [
    {
      status: 200,
      description: 'The report.',
      body: z.object({ concertId: values.id, ...ReadSalesReport.reply.shape }),
    },
  ],
  refusals: [...ReadSalesReport.refusals, ...ReadConcert.refusals],
});
