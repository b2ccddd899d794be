import type { ReservationView } from '@encore/contracts';
import type { Schedule } from './schedule.js';

/** Where a reservation stands, with exactly the facts that state has. */
export type Life =
  | { readonly state: 'HELD'; readonly expiresAt: Date }
  | {
      readonly state: 'PAYING';
      readonly paymentId: number;
      readonly remainingMilliseconds: number;
      /** When to ask whether the payment exists at all; null once it surely does. */
      readonly leaseEndsAt: Date | null;
    }
  | {
      readonly state: 'CONFIRMED' | 'CANCELLED' | 'REFUNDED';
      readonly paymentId: number;
      readonly confirmedAt: Date;
    }
  | { readonly state: 'EXPIRED' | 'RELEASED' };

export interface ReservedSeat {
  readonly seatId: number;
  readonly seatNumber: number;
  /** Fixed when the seat was held. */
  readonly priceKrw: number;
  readonly cancelled: boolean;
  /** The one refund this seat's money goes back with. */
  readonly refundId: number | null;
  /** True once that money is back. */
  readonly refunded: boolean;
}

export interface Reservation {
  readonly reservationId: number;
  readonly userId: number;
  readonly scheduleId: number;
  readonly createdAt: Date;
  readonly extended: boolean;
  readonly life: Life;
  readonly seats: readonly ReservedSeat[];
  /** Payments that were undone for this reservation; none of them can pin it any more. */
  readonly withdrawnPaymentIds: readonly number[];
}

export interface HoldLimits {
  readonly holdSeconds: number;
  /** A hold ends this long after it began, whatever extended it or paused its clock. */
  readonly holdLimitSeconds: number;
}

/**
 * The reservation as it is at an instant: a hold whose time is over is expired without any help.
 */
export function asOf(reservation: Reservation, now: Date): Reservation {
  const { life } = reservation;
  return life.state === 'HELD' && life.expiresAt <= now
    ? { ...reservation, life: { state: 'EXPIRED' } }
    : reservation;
}

/** Whether a seat of the reservation is out of everybody else's reach. */
export function owns(reservation: Reservation, seat: ReservedSeat): boolean {
  const { state } = reservation.life;
  return (state === 'HELD' || state === 'PAYING' || state === 'CONFIRMED') && !seat.cancelled;
}

export function amountOf(seats: readonly ReservedSeat[]): number {
  return seats.reduce((sum, seat) => sum + seat.priceKrw, 0);
}

/** The payment that pins or has paid the reservation. */
export function paymentOf({ life }: Reservation): number | null {
  return 'paymentId' in life ? life.paymentId : null;
}

/** The end of a hold that has `milliseconds` to go, cut off at the absolute limit. */
export function endOfHold(
  createdAt: Date,
  now: Date,
  milliseconds: number,
  limits: HoldLimits,
): Date {
  const limit = createdAt.getTime() + limits.holdLimitSeconds * 1000;
  return new Date(Math.min(now.getTime() + milliseconds, limit));
}

export function viewOf(reservation: Reservation, schedule: Schedule): ReservationView {
  const { life } = reservation;
  return {
    reservationId: reservation.reservationId,
    userId: reservation.userId,
    scheduleId: reservation.scheduleId,
    concertId: schedule.concertId,
    concertName: schedule.concertName,
    startsAt: schedule.startsAt.toISOString(),
    state: life.state,
    seats: reservation.seats.map(({ seatId, seatNumber, priceKrw, cancelled }) => ({
      seatId,
      seatNumber,
      priceKrw,
      cancelled,
    })),
    amountKrw: amountOf(reservation.seats),
    expiresAt: life.state === 'HELD' ? life.expiresAt.toISOString() : null,
    extended: reservation.extended,
    paymentId: paymentOf(reservation),
    createdAt: reservation.createdAt.toISOString(),
  };
}
