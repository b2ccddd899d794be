import { z } from 'zod';
import { event, query, request } from './define.js';
import { amountKrw, id, instant, page, pageOf, roomId, seatNumber } from './values.js';

export const concertView = z.object({
  concertId: id,
  name: z.string(),
  /** Empty when the organiser gave none. */
  venue: z.string(),
  description: z.string(),
  version: z.int().min(1),
});
export type ConcertView = z.output<typeof concertView>;

export const scheduleView = z.object({
  scheduleId: id,
  concertId: id,
  concertName: z.string(),
  startsAt: instant,
  /** From when seats can be held, provided the sale is open. */
  salesOpenAt: instant,
  saleOpen: z.boolean(),
  /** The waiting room whose active entries may see and hold these seats. */
  waitingRoomId: roomId,
  seatCount: z.int().min(0),
  /** Seats free in the read model, which may lag by a moment. */
  seatsLeft: z.int().min(0),
  version: z.int().min(1),
});
export type ScheduleView = z.output<typeof scheduleView>;

export const seatStatus = z.enum(['FREE', 'HELD', 'SOLD']);
export const seatView = z.object({
  seatId: id,
  seatNumber,
  status: seatStatus,
  priceKrw: amountKrw,
});
export type SeatView = z.output<typeof seatView>;

/** Seats `from`…`to`, all at one price. */
export const seatRange = z
  .object({ from: seatNumber, to: seatNumber, priceKrw: amountKrw.max(100_000_000) })
  .refine((range) => range.from <= range.to, 'from must not be above to');
/** Ranges that do not overlap and add up to at most 20,000 seats: checked by the service. */
export const seatRanges = z.array(seatRange).min(1).max(200);

const concertText = {
  name: z.string().trim().min(1).max(200),
  venue: z.string().trim().max(200),
  description: z.string().trim().max(4_000),
};

export const CreateConcert = request('concert', 'CreateConcert', {
  summary: 'Creates a concert without schedules.',
  actor: 'organiser',
  payload: z.object({
    ...concertText,
    venue: concertText.venue.default(''),
    description: concertText.description.default(''),
  }),
  reply: concertView,
  refusals: [],
});

export const ChangeConcert = request('concert', 'ChangeConcert', {
  summary: 'Changes the given texts of a concert; its schedules are announced again.',
  actor: 'organiser',
  payload: z.object({ concertId: id, ...z.object(concertText).partial().shape }),
  reply: concertView,
  refusals: ['CONCERT_NOT_FOUND'],
});

export const AddSchedule = request('concert', 'AddSchedule', {
  summary: 'Adds a day to a concert with its seats and prices.',
  actor: 'organiser',
  payload: z.object({
    concertId: id,
    startsAt: instant,
    salesOpenAt: instant.optional(),
    saleOpen: z.boolean().default(true),
    waitingRoomId: roomId.default('default'),
    seats: seatRanges,
  }),
  reply: scheduleView,
  refusals: ['CONCERT_NOT_FOUND', 'CONCERT_SEATS_INVALID', 'CONCERT_SCHEDULE_IN_THE_PAST'],
});

export const ChangeSchedule = request('concert', 'ChangeSchedule', {
  summary:
    'Changes time, waiting room or sale of a schedule; `saleOpen` opens and closes the sale.',
  actor: 'organiser',
  payload: z.object({
    scheduleId: id,
    startsAt: instant.optional(),
    salesOpenAt: instant.optional(),
    saleOpen: z.boolean().optional(),
    waitingRoomId: roomId.optional(),
  }),
  reply: scheduleView,
  refusals: ['CONCERT_SCHEDULE_NOT_FOUND', 'CONCERT_SCHEDULE_IN_THE_PAST'],
});

export const SetSeatPrices = request('concert', 'SetSeatPrices', {
  summary: 'Adds seats or changes prices; a hold that exists keeps the price it was taken at.',
  actor: 'organiser',
  payload: z.object({ scheduleId: id, seats: seatRanges }),
  reply: scheduleView,
  refusals: ['CONCERT_SCHEDULE_NOT_FOUND', 'CONCERT_SEATS_INVALID'],
});

export const ListConcerts = query('concert', 'ListConcerts', {
  summary: 'Concerts by id.',
  actor: 'anyone',
  payload: page,
  reply: pageOf(concertView),
  refusals: [],
});

export const ReadConcert = query('concert', 'ReadConcert', {
  summary: 'One concert.',
  actor: 'anyone',
  payload: z.object({ concertId: id }),
  reply: concertView,
  refusals: ['CONCERT_NOT_FOUND'],
});

export const ListSchedules = query('concert', 'ListSchedules', {
  summary:
    'Schedules by start, of one concert or of all; `bookableOnly` leaves out what has begun or is closed.',
  actor: 'anyone',
  payload: z.object({
    ...page.shape,
    concertId: id.optional(),
    bookableOnly: z.boolean().default(false),
  }),
  reply: pageOf(scheduleView),
  refusals: ['CONCERT_NOT_FOUND'],
});

export const ReadSchedule = query('concert', 'ReadSchedule', {
  summary: 'One schedule.',
  actor: 'anyone',
  payload: z.object({ scheduleId: id }),
  reply: scheduleView,
  refusals: ['CONCERT_SCHEDULE_NOT_FOUND'],
});

export const ReadSeatMap = query('concert', 'ReadSeatMap', {
  summary: 'Every seat of a schedule with price and status, from the read model.',
  actor: 'anyone',
  payload: z.object({ scheduleId: id }),
  reply: z.object({
    schedule: scheduleView,
    /** Grows with every change of a seat's status or price: the ETag of the map. */
    seatsVersion: z.string(),
    seats: z.array(seatView),
  }),
  refusals: ['CONCERT_SCHEDULE_NOT_FOUND'],
});

export const ReadSeat = query('concert', 'ReadSeat', {
  summary: 'One seat by its id, and the schedule it belongs to, from the read model.',
  actor: 'anyone',
  payload: z.object({ seatId: id }),
  reply: z.object({ ...seatView.shape, scheduleId: id }),
  refusals: ['CONCERT_SEAT_NOT_FOUND'],
});

export const SchedulePublished = event('concert', 'SchedulePublished', {
  summary: 'A schedule as it now stands, whole: receivers keep the highest version.',
  payload: z.object({
    scheduleId: id,
    concertId: id,
    concertName: z.string(),
    startsAt: instant,
    salesOpenAt: instant,
    saleOpen: z.boolean(),
    waitingRoomId: roomId,
    version: z.int().min(1),
    seats: z.array(z.object({ seatId: id, seatNumber, priceKrw: amountKrw })),
  }),
});
