import { z } from 'zod';
import { seatStatus } from './concert.js';
import { command, event, query, request } from './define.js';
import {
  amountKrw,
  done,
  id,
  instant,
  page,
  pageOf,
  seatNumber,
  seatNumbers,
  totalKrw,
} from './values.js';

export const reservationState = z.enum([
  'HELD',
  'PAYING',
  'CONFIRMED',
  'CANCELLED',
  'REFUNDED',
  'EXPIRED',
  'RELEASED',
]);
export type ReservationState = z.output<typeof reservationState>;

export const reservedSeat = z.object({
  seatId: id,
  seatNumber,
  priceKrw: amountKrw,
  /** True once this seat was cancelled, alone or with the whole reservation. */
  cancelled: z.boolean(),
});

export const reservationView = z.object({
  reservationId: id,
  userId: id,
  scheduleId: id,
  concertId: id,
  concertName: z.string(),
  startsAt: instant,
  /** A hold past its time reads EXPIRED, also before anything swept it. */
  state: reservationState,
  seats: z.array(reservedSeat),
  /** Sum of the seats' prices as fixed when they were held. */
  amountKrw,
  /** Until when a hold can be paid; null in every other state. */
  expiresAt: instant.nullable(),
  extended: z.boolean(),
  paymentId: id.nullable(),
  createdAt: instant,
});
export type ReservationView = z.output<typeof reservationView>;

const OWNED = ['RESERVATION_NOT_FOUND', 'RESERVATION_NOT_YOURS'] as const;

export const HoldSeats = request('reservation', 'HoldSeats', {
  summary:
    'Holds seats of one schedule, all or none; `bestAvailable` lets the service choose adjacent ones first.',
  payload: z.object({
    userId: id,
    scheduleId: id,
    seats: z.union([
      z.object({ seatNumbers }),
      z.object({ bestAvailable: z.int().min(1).max(50) }),
    ]),
  }),
  reply: reservationView,
  refusals: [
    'RESERVATION_SCHEDULE_NOT_FOUND',
    'RESERVATION_SEAT_NOT_FOUND',
    'RESERVATION_SEATS_TAKEN',
    'RESERVATION_NOT_ENOUGH_SEATS',
    'RESERVATION_SALE_CLOSED',
    'RESERVATION_SEAT_CAP_REACHED',
    'RESERVATION_COOLDOWN',
  ],
});

export const ExtendHold = request('reservation', 'ExtendHold', {
  summary: 'Gives a hold its full time again, once, within the absolute limit.',
  payload: z.object({ userId: id, reservationId: id }),
  reply: reservationView,
  refusals: [...OWNED, 'RESERVATION_NOT_HELD', 'RESERVATION_ALREADY_EXTENDED'],
});

export const CancelReservation = request('reservation', 'CancelReservation', {
  summary:
    'Releases a hold, or cancels a paid reservation so that it can be refunded; repeating it changes nothing.',
  payload: z.object({ userId: id, reservationId: id }),
  reply: reservationView,
  refusals: [
    ...OWNED,
    'RESERVATION_PAYMENT_RUNNING',
    'RESERVATION_CONCERT_STARTED',
    'RESERVATION_EXPIRED',
  ],
});

export const ReadReservation = query('reservation', 'ReadReservation', {
  summary: 'One reservation of the person who asks.',
  payload: z.object({ userId: id, reservationId: id }),
  reply: reservationView,
  refusals: OWNED,
});

export const ListReservations = query('reservation', 'ListReservations', {
  summary: 'A person’s reservations, newest first.',
  payload: z.object({
    ...page.shape,
    userId: id,
    scheduleId: id.optional(),
    state: reservationState.optional(),
  }),
  reply: pageOf(reservationView),
  refusals: [],
});

const PIN = {
  payload: z.object({
    userId: id,
    reservationId: id,
    paymentId: id,
    /** What the client thinks it costs; refused when it differs. Never sets the price. */
    expectedAmountKrw: amountKrw.nullable(),
  }),
  reply: z.object({
    amountKrw,
    scheduleId: id,
    concertId: id,
    startsAt: instant,
    seats: z.array(z.object({ seatNumber, priceKrw: amountKrw })),
  }),
  refusals: [
    ...OWNED,
    'RESERVATION_EXPIRED',
    'RESERVATION_NOT_HELD',
    'RESERVATION_PAYMENT_RUNNING',
    'RESERVATION_ALREADY_PAID',
    'RESERVATION_AMOUNT_DIFFERS',
    'RESERVATION_PIN_WITHDRAWN',
  ] as const,
};

export const PinReservation = command('reservation', 'PinReservation', {
  summary:
    'Takes a hold into payment: it can no longer expire, be cancelled or be paid by another payment.',
  ...PIN,
});

export const PinUnderLease = request('reservation', 'PinUnderLease', {
  summary:
    'PinReservation for a payment that is not stored yet: when the lease ends, the reservation asks whether it is.',
  ...PIN,
  actor: 'service',
});

export const UnpinReservation = command('reservation', 'UnpinReservation', {
  summary:
    'Undoes a pin: back to HELD with the time that was left; a pin that comes later is refused. Refused itself once the payment has confirmed.',
  payload: z.object({ reservationId: id, paymentId: id }),
  reply: done,
  refusals: ['RESERVATION_ALREADY_PAID'],
});

export const ConfirmReservation = command('reservation', 'ConfirmReservation', {
  summary: 'Makes a pinned reservation final: the seats are sold.',
  payload: z.object({ reservationId: id, paymentId: id, amountKrw }),
  reply: z.object({ confirmedAt: instant }),
  refusals: ['RESERVATION_NOT_FOUND', 'RESERVATION_NOT_PINNED'],
});

export const CancelForRefund = command('reservation', 'CancelForRefund', {
  summary: 'Cancels a paid reservation, or some of its seats, for one refund; seats become free.',
  payload: z.object({
    reservationId: id,
    paymentId: id,
    refundId: id,
    seatNumbers,
  }),
  reply: z.object({ amountKrw: totalKrw, state: reservationState }),
  refusals: ['RESERVATION_NOT_FOUND', 'RESERVATION_NOT_PAID', 'RESERVATION_SEATS_ALREADY_REFUNDED'],
});

export const MarkReservationRefunded = command('reservation', 'MarkReservationRefunded', {
  summary: 'Records that a refund’s money is back; a wholly refunded reservation becomes REFUNDED.',
  payload: z.object({ reservationId: id, refundId: id }),
  reply: done,
  refusals: ['RESERVATION_NOT_FOUND'],
});

export const SeatsChanged = event('reservation', 'SeatsChanged', {
  summary: 'Seats of one schedule changed status; receivers ignore versions they have passed.',
  payload: z.object({
    scheduleId: id,
    /** Grows by one with every change of the schedule's seats, without gaps. */
    version: z.int().min(1),
    /** Seats free after this change. */
    seatsLeft: z.int().min(0),
    seats: z.array(
      z.object({
        seatNumber,
        status: seatStatus,
        /** When a hold lapses by itself; null for FREE, SOLD. */
        heldUntil: instant.nullable(),
      }),
    ),
  }),
});
