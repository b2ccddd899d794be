import {
  ListConcerts,
  ListSchedules,
  ReadConcert,
  ReadSchedule,
  ReadSeatMap,
} from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Catalogue } from '../../application/catalogue.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';
import { booleanText, idText, pageQuery } from '../inputs.js';

const tag = 'concerts';
/** Concerts are the same for everybody, so caches in between may keep them for a moment. */
const PUBLIC = 'public, max-age=2';
/** What carries seats is kept by the client alone, and only to ask whether it changed. */
const PRIVATE = 'private, no-cache';

const LIST_CONCERTS = endpoint({
  method: 'GET',
  path: '/v1/concerts',
  tag,
  summary: 'Concerts by id.',
  access: 'anyone',
  conditional: true,
  query: z.strictObject(pageQuery),
  answers: [{ status: 200, description: 'A page of concerts.', body: ListConcerts.reply }],
  refusals: ListConcerts.refusals,
});

const READ_CONCERT = endpoint({
  method: 'GET',
  path: '/v1/concerts/:concertId',
  tag,
  summary: 'One concert.',
  access: 'anyone',
  conditional: true,
  params: z.strictObject({ concertId: idText }),
  answers: [{ status: 200, description: 'The concert.', body: ReadConcert.reply }],
  refusals: ReadConcert.refusals,
});

const LIST_SCHEDULES = endpoint({
  method: 'GET',
  path: '/v1/concerts/:concertId/schedules',
  tag,
  summary: 'Schedules of a concert by start, with the seats left.',
  access: 'identified',
  conditional: true,
  params: z.strictObject({ concertId: idText }),
  query: z.strictObject({
    ...pageQuery,
    bookableOnly: booleanText
      .optional()
      .meta({ type: 'boolean', description: 'Leaves out what has begun or is closed.' }),
  }),
  answers: [{ status: 200, description: 'A page of schedules.', body: ListSchedules.reply }],
  refusals: ListSchedules.refusals,
});

const READ_SCHEDULE = endpoint({
  method: 'GET',
  path: '/v1/schedules/:scheduleId',
  tag,
  summary: 'One schedule.',
  access: 'identified',
  conditional: true,
  params: z.strictObject({ scheduleId: idText }),
  answers: [{ status: 200, description: 'The schedule.', body: ReadSchedule.reply }],
  refusals: ReadSchedule.refusals,
});

const READ_SEATS = endpoint({
  method: 'GET',
  path: '/v1/schedules/:scheduleId/seats',
  tag,
  summary: 'Every seat of a schedule with price and status; may be a moment old.',
  access: 'identified',
  gated: true,
  conditional: true,
  params: z.strictObject({ scheduleId: idText }),
  answers: [{ status: 200, description: 'The seat map.', body: ReadSeatMap.reply }],
  refusals: ReadSeatMap.refusals,
});

@Controller()
export class ConcertsController {
  constructor(private readonly catalogue: Catalogue) {}

  @Serves(LIST_CONCERTS)
  async listConcerts(@Call() call: HttpCall<typeof LIST_CONCERTS>) {
    const concerts = await this.catalogue.concerts(call.query, call.origin);
    return call.conditional(concerts, { cacheControl: PUBLIC });
  }

  @Serves(READ_CONCERT)
  async readConcert(@Call() call: HttpCall<typeof READ_CONCERT>) {
    const concert = await this.catalogue.concert(call.params.concertId, call.origin);
    return call.conditional(concert, { cacheControl: PUBLIC });
  }

  @Serves(LIST_SCHEDULES)
  async listSchedules(@Call() call: HttpCall<typeof LIST_SCHEDULES>) {
    const asked = { ...call.query, concertId: call.params.concertId };
    const schedules = await this.catalogue.schedules(asked, call.origin);
    return call.conditional(schedules, { cacheControl: PRIVATE });
  }

  @Serves(READ_SCHEDULE)
  async readSchedule(@Call() call: HttpCall<typeof READ_SCHEDULE>) {
    const schedule = await this.catalogue.schedule(call.params.scheduleId, call.origin);
    return call.conditional(schedule, { cacheControl: PRIVATE });
  }

  @Serves(READ_SEATS)
  async readSeats(@Call() call: HttpCall<typeof READ_SEATS>) {
    const map = await this.catalogue.seatMap(call.params.scheduleId, call.reader);
    const tag = `${map.schedule.version}-${map.seatsVersion}`;
    return call.conditional(map, { tag, cacheControl: PRIVATE });
  }
}
