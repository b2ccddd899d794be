import {
  ListSchedules,
  ReadSchedule,
  ReadSeat,
  ReadSeatMap,
  seatStatus,
  values,
  type ScheduleView,
} from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Catalogue } from '../../application/catalogue.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';
import { idText } from '../inputs.js';
import { dateText, DEFAULT_CONCERT_ID } from './inputs.js';
import { LocalTime } from './local-time.js';
import { scheduleOn } from './schedule-on.js';

const tag = 'booking';

const concertDetail = z.object({
  concertDetailId: values.id,
  concertId: values.id,
  concertName: z.string(),
  date: z.iso.date(),
  startsAt: values.instant,
  remaining: z.int().min(0),
});
const seats = z.object({ seats: z.array(z.int().min(1)) });

const DATES = endpoint({
  method: 'GET',
  path: '/dates',
  dialects: ['booking', 'booking-draft'],
  tag,
  summary: 'Every day on which a seat can be booked.',
  access: 'identified',
  gated: true,
  answers: [
    {
      status: 200,
      description: 'The days, each once, in order; and what can be booked on them.',
      body: z.object({
        dates: z.array(z.iso.date()),
        concertDetails: z.array(concertDetail),
      }),
    },
  ],
  refusals: ListSchedules.refusals,
  example: { answer: { dates: ['2024-07-01', '2024-07-02'] } },
});

const SEATS = endpoint({
  method: 'GET',
  path: '/dates/:concertDetailId',
  dialects: ['booking'],
  tag,
  summary: 'The numbers of the free seats of one schedule.',
  access: 'identified',
  gated: true,
  params: z.strictObject({ concertDetailId: idText }),
  answers: [{ status: 200, description: 'The free seats.', body: seats }],
  refusals: ReadSeatMap.refusals,
  example: { params: { concertDetailId: 1 }, answer: { seats: [1, 2, 3, 50] } },
});

const SEATS_ON_DATE = endpoint({
  method: 'GET',
  path: '/dates/:date/seats',
  dialects: ['booking-draft'],
  tag: 'booking-draft',
  summary: 'The numbers of the free seats on one day.',
  access: 'identified',
  gated: true,
  params: z.strictObject({ date: dateText }),
  query: z.strictObject({ concertId: idText.default(DEFAULT_CONCERT_ID) }),
  answers: [{ status: 200, description: 'The free seats.', body: seats }],
  refusals: [...ListSchedules.refusals, ...ReadSeatMap.refusals],
  example: { params: { date: '2024-07-01' }, answer: { seats: [1, 2, 3, 50] } },
});

const SEAT = endpoint({
  method: 'GET',
  path: '/seats/:id',
  dialects: ['booking-draft'],
  tag: 'booking-draft',
  summary: 'One seat.',
  access: 'identified',
  gated: true,
  params: z.strictObject({ id: idText }),
  answers: [
    {
      status: 200,
      description: 'The seat.',
      body: z.object({
        seatId: values.id,
        number: z.int().min(1),
        status: seatStatus,
        price: values.amountKrw,
        concertDetailId: values.id,
      }),
    },
  ],
  refusals: [...ReadSeat.refusals, ...ReadSchedule.refusals],
  example: { params: { id: 1 } },
});

/** `booking` and its draft, in front of the seats. */
@Controller()
export class BookingSeatsController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly time: LocalTime,
  ) {}

  @Serves(DATES)
  async dates(@Call() call: HttpCall<typeof DATES>) {
    const schedules = await this.catalogue.bookable(undefined, call.reader);
    const concertDetails = schedules.map((schedule) => this.detailOf(schedule));
    const dates = [...new Set(concertDetails.map(({ date }) => date))].sort();
    return call.ok({ dates, concertDetails });
  }

  @Serves(SEATS)
  async seats(@Call() call: HttpCall<typeof SEATS>) {
    return call.ok(await this.freeSeats(call.params.concertDetailId, call));
  }

  @Serves(SEATS_ON_DATE)
  async seatsOnDate(@Call() call: HttpCall<typeof SEATS_ON_DATE>) {
    const schedules = await this.catalogue.bookable(call.query.concertId, call.reader);
    const { scheduleId } = scheduleOn(call.params.date, schedules, this.time);
    return call.ok(await this.freeSeats(scheduleId, call));
  }

  @Serves(SEAT)
  async seat(@Call() call: HttpCall<typeof SEAT>) {
    const seat = await this.catalogue.seat(call.params.id, call.reader);
    return call.ok({
      seatId: seat.seatId,
      number: seat.seatNumber,
      status: seat.status,
      price: seat.priceKrw,
      concertDetailId: seat.scheduleId,
    });
  }

  private async freeSeats(scheduleId: number, call: HttpCall) {
    const map = await this.catalogue.seatMap(scheduleId, call.reader);
    const free = map.seats.filter(({ status }) => status === 'FREE');
    return { seats: free.map(({ seatNumber }) => seatNumber) };
  }

  private detailOf(schedule: ScheduleView): z.output<typeof concertDetail> {
    return {
      concertDetailId: schedule.scheduleId,
      concertId: schedule.concertId,
      concertName: schedule.concertName,
      date: this.time.date(schedule.startsAt),
      startsAt: schedule.startsAt,
      remaining: schedule.seatsLeft,
    };
  }
}
