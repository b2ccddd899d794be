import { values, type EntryView, type PaymentView, type ReservationView } from '@encore/contracts';
import { z } from 'zod';
import type { LocalTime } from './local-time.js';
import { durationWords, waitOf } from './waiting.js';

/** What `booking` and its draft answer, and how it is made of what the services say. */

/** `"PK"`: the number of a row, as text. */
export const key = z.string().regex(/^[1-9]\d*$/);
export const duration = z.string().regex(/^\d+[smh]$/);
const day = z.iso.date();

export const queueInfo = z.object({
  position: z.int().min(0),
  waitTime: duration,
  waitTimeIsKnown: z.boolean(),
});

export function queueInfoOf(entry: EntryView): z.output<typeof queueInfo> {
  const { seconds, isKnown } = waitOf(entry);
  return {
    position: entry.position,
    waitTime: durationWords(seconds),
    waitTimeIsKnown: isKnown,
  };
}

export const place = z.object({
  status: z.enum(['true', 'false']),
  position: z.int().min(0),
});

export function placeOf({ state, position }: EntryView): z.output<typeof place> {
  return { status: state === 'ACTIVE' ? 'true' : 'false', position };
}

/** The fields the draft shows flat; its successor leaves open what a reservation looks like. */
const detail = {
  reservationId: key,
  userId: key,
  date: day,
  seatNumber: z.int().min(1),
  status: z.string(),
  createdAt: values.instant,
  expiresAt: values.instant.nullable(),
};

export const reservation = z.object({
  ...detail,
  concertDetailId: values.id,
  concertId: values.id,
  concertName: z.string(),
  startsAt: values.instant,
  seatNumbers: z.array(z.int().min(1)),
  price: values.amountKrw,
});

export const reservationDetail = z.object({ ...detail, reservation });

export function reservationOf(
  view: ReservationView,
  time: LocalTime,
): z.output<typeof reservation> {
  const seatNumbers = view.seats.map(({ seatNumber }) => seatNumber);
  return {
    reservationId: String(view.reservationId),
    userId: String(view.userId),
    concertDetailId: view.scheduleId,
    concertId: view.concertId,
    concertName: view.concertName,
    date: time.date(view.startsAt),
    startsAt: view.startsAt,
    seatNumber: firstOf(seatNumbers),
    seatNumbers,
    status: view.state,
    price: view.amountKrw,
    createdAt: view.createdAt,
    expiresAt: view.expiresAt,
  };
}

export function reservationDetailOf(
  view: ReservationView,
  time: LocalTime,
): z.output<typeof reservationDetail> {
  const shown = reservationOf(view, time);
  const { reservationId, userId, date, seatNumber, status, createdAt, expiresAt } = shown;
  const flat = { reservationId, userId, date, seatNumber, status, createdAt, expiresAt };
  return { reservation: shown, ...flat };
}

/** How long a hold lasts, as it was when it was taken. */
export function holdWords({ createdAt, expiresAt }: ReservationView): string {
  if (expiresAt === null) return durationWords(0);
  return durationWords((Date.parse(expiresAt) - Date.parse(createdAt)) / 1_000);
}

export const payment = z.object({
  paymentId: key,
  reservationId: key,
  userId: key,
  /** Null while it is under way, and when it failed before it had a price. */
  amount: values.amountKrw.nullable(),
  status: z.string(),
  createdAt: values.instant,
});

export function paymentOf(view: PaymentView): z.output<typeof payment> {
  return {
    paymentId: String(view.paymentId),
    reservationId: String(view.reservationId),
    userId: String(view.userId),
    amount: view.amountKrw,
    status: view.state,
    createdAt: view.createdAt,
  };
}

function firstOf(seatNumbers: readonly number[]): number {
  const [first] = seatNumbers;
  if (first === undefined) throw new TypeError('a reservation without seats');
  return first;
}
