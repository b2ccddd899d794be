import type { Case } from './change-hold.js';
import { asOf, type Life, type Reservation } from './reservation.js';
import type { Schedule } from './schedule.js';

const START_MS = Date.parse('2026-11-20T10:00:00Z');
export const LIMITS = { holdSeconds: 300, holdLimitSeconds: 900 };
export const at = (seconds: number) => new Date(START_MS + seconds * 1000);

export const concert: Schedule = {
  scheduleId: 7,
  concertId: 1,
  concertName: 'Night of Strings',
  startsAt: at(86_400),
  salesOpenAt: at(-3_600),
  saleOpen: true,
};

export function reservation(life: Life, change: Partial<Reservation> = {}): Reservation {
  const seat = { priceKrw: 10_000, cancelled: false, refundId: null, refunded: false };
  return {
    reservationId: 11,
    userId: 1,
    scheduleId: 7,
    createdAt: at(0),
    extended: false,
    seats: [
      { ...seat, seatId: 104, seatNumber: 4 },
      { ...seat, seatId: 105, seatNumber: 5 },
    ],
    life,
    withdrawnPaymentIds: [],
    ...change,
  };
}

export const held = reservation({ state: 'HELD', expiresAt: at(300) });
export const paying = reservation({
  state: 'PAYING',
  paymentId: 21,
  remainingMilliseconds: 100_000,
  leaseEndsAt: null,
});
export const confirmed = reservation({ state: 'CONFIRMED', paymentId: 21, confirmedAt: at(201) });
export const expired = reservation({ state: 'EXPIRED' });
export const released = reservation({ state: 'RELEASED' });

export const found = (kept: Reservation | undefined, seconds: number): Case => ({
  reservation: kept && asOf(kept, at(seconds)),
  schedule: kept && concert,
  now: at(seconds),
});
export const mine = { userId: 1, reservationId: 11 };
export const pin = (paymentId: number, expectedAmountKrw: number | null = 20_000) => ({
  ...mine,
  paymentId,
  expectedAmountKrw,
});
export const confirm = (paymentId: number) => ({ reservationId: 11, paymentId, amountKrw: 20_000 });
export const refund = (refundId: number, ...seatNumbers: number[]) => ({
  reservationId: 11,
  paymentId: 21,
  refundId,
  seatNumbers,
});
