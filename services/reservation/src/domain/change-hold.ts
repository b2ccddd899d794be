import { accepted, type CancelReservation, type ExtendHold } from '@encore/contracts';
import { unchanged, type Decision } from './decision.js';
import { endOfHold, viewOf, type HoldLimits, type Reservation } from './reservation.js';
import { hasStarted, type Schedule } from './schedule.js';

/** A reservation, if there is one, as of the instant of the decision. */
export interface Case {
  readonly reservation: Reservation | undefined;
  readonly schedule: Schedule | undefined;
  readonly now: Date;
}

/** Gives a hold its full time again: once, and never beyond the absolute limit. */
export function decideExtend(
  { reservation, schedule, now }: Case,
  { userId }: { readonly userId: number },
  limits: HoldLimits,
): Decision<typeof ExtendHold> {
  if (!reservation || !schedule) return unchanged(reservation, 'RESERVATION_NOT_FOUND');
  if (reservation.userId !== userId) return unchanged(reservation, 'RESERVATION_NOT_YOURS');
  const { life } = reservation;
  if (life.state !== 'HELD') {
    return unchanged(reservation, 'RESERVATION_NOT_HELD', { state: life.state });
  }
  if (reservation.extended) return unchanged(reservation, 'RESERVATION_ALREADY_EXTENDED');
  const end = endOfHold(reservation.createdAt, now, limits.holdSeconds * 1000, limits);
  // A hold that came back from a failed payment may have more time than a fresh one would get.
  const expiresAt = end > life.expiresAt ? end : life.expiresAt;
  const next: Reservation = { ...reservation, extended: true, life: { state: 'HELD', expiresAt } };
  return { outcome: accepted(viewOf(next, schedule)), next };
}

/**
 * Releases a hold or cancels what was paid. Asking again for what is already so is answered alike.
 */
export function decideCancel(
  { reservation, schedule, now }: Case,
  { userId }: { readonly userId: number },
): Decision<typeof CancelReservation> {
  if (!reservation || !schedule) return unchanged(reservation, 'RESERVATION_NOT_FOUND');
  if (reservation.userId !== userId) return unchanged(reservation, 'RESERVATION_NOT_YOURS');
  const { life } = reservation;
  switch (life.state) {
    case 'HELD': {
      const next: Reservation = { ...reservation, life: { state: 'RELEASED' } };
      return { outcome: accepted(viewOf(next, schedule)), next };
    }
    case 'CONFIRMED': {
      if (hasStarted(schedule, now)) return unchanged(reservation, 'RESERVATION_CONCERT_STARTED');
      const seats = reservation.seats.map((seat) => ({ ...seat, cancelled: true }));
      const next: Reservation = { ...reservation, seats, life: { ...life, state: 'CANCELLED' } };
      return { outcome: accepted(viewOf(next, schedule)), next };
    }
    case 'PAYING':
      return unchanged(reservation, 'RESERVATION_PAYMENT_RUNNING');
    case 'EXPIRED':
      return unchanged(reservation, 'RESERVATION_EXPIRED');
    case 'RELEASED':
    case 'CANCELLED':
    case 'REFUNDED':
      return { outcome: accepted(viewOf(reservation, schedule)), next: reservation };
  }
}
