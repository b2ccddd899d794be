import {
  accepted,
  type ConfirmReservation,
  type Outcome,
  type PayloadOf,
  type PinReservation,
  type UnpinReservation,
} from '@encore/contracts';
import type { Case } from './change-hold.js';
import { unchanged, type Decision } from './decision.js';
import {
  amountOf,
  endOfHold,
  paymentOf,
  type HoldLimits,
  type Reservation,
} from './reservation.js';
import type { Schedule } from './schedule.js';

/**
 * A payment wants to be undone that has sold the seats. The saga never asks for that: past the
 * confirmation it only goes forward. Answering "done" would give the money back and leave the seats
 * sold, so the command is parked for a person instead.
 */
export class SoldSeatsError extends Error {
  constructor(reservationId: number, paymentId: number) {
    super(`payment ${paymentId} has confirmed reservation ${reservationId} and cannot be unpinned`);
    this.name = 'SoldSeatsError';
  }
}

/** Takes a hold into a payment: from here on only that payment decides what becomes of it. */
export function decidePin(
  { reservation, schedule, now }: Case,
  command: PayloadOf<typeof PinReservation>,
): Decision<typeof PinReservation> {
  if (!reservation || !schedule) return unchanged(reservation, 'RESERVATION_NOT_FOUND');
  if (reservation.userId !== command.userId) return unchanged(reservation, 'RESERVATION_NOT_YOURS');
  if (reservation.withdrawnPaymentIds.includes(command.paymentId)) {
    return unchanged(reservation, 'RESERVATION_PIN_WITHDRAWN');
  }
  const { life } = reservation;
  const isOurs = paymentOf(reservation) === command.paymentId;
  switch (life.state) {
    case 'HELD':
      return pinHold(reservation, life.expiresAt, schedule, now, command);
    case 'PAYING':
      return isOurs
        ? { outcome: pinned(reservation, schedule), next: reservation }
        : unchanged(reservation, 'RESERVATION_PAYMENT_RUNNING');
    case 'CONFIRMED':
      return isOurs
        ? { outcome: pinned(reservation, schedule), next: reservation }
        : unchanged(reservation, 'RESERVATION_ALREADY_PAID');
    case 'EXPIRED':
      return unchanged(reservation, 'RESERVATION_EXPIRED');
    case 'RELEASED':
    case 'CANCELLED':
    case 'REFUNDED':
      return unchanged(reservation, 'RESERVATION_NOT_HELD', { state: life.state });
  }
}

function pinHold(
  reservation: Reservation,
  expiresAt: Date,
  schedule: Schedule,
  now: Date,
  { paymentId, expectedAmountKrw }: PayloadOf<typeof PinReservation>,
): Decision<typeof PinReservation> {
  const amountKrw = amountOf(reservation.seats);
  if (expectedAmountKrw !== null && expectedAmountKrw !== amountKrw) {
    return unchanged(reservation, 'RESERVATION_AMOUNT_DIFFERS', { amountKrw });
  }
  const remainingMilliseconds = expiresAt.getTime() - now.getTime();
  const next: Reservation = {
    ...reservation,
    life: { state: 'PAYING', paymentId, remainingMilliseconds },
  };
  return { outcome: pinned(next, schedule), next };
}

function pinned(reservation: Reservation, schedule: Schedule): Outcome<typeof PinReservation> {
  return accepted({
    amountKrw: amountOf(reservation.seats),
    scheduleId: reservation.scheduleId,
    concertId: schedule.concertId,
    startsAt: schedule.startsAt.toISOString(),
    seats: reservation.seats.map(({ seatNumber, priceKrw }) => ({ seatNumber, priceKrw })),
  });
}

/**
 * Undoes a pin, also one that never came: the payment is remembered as withdrawn, so that its pin
 * is
 * refused when it does come. Never touches what another payment has pinned.
 */
export function decideUnpin(
  { reservation, now }: Case,
  { paymentId }: PayloadOf<typeof UnpinReservation>,
  limits: HoldLimits,
): Decision<typeof UnpinReservation> {
  const outcome = accepted({});
  if (!reservation) return { outcome, next: reservation };
  const { life } = reservation;
  const withdrawn = reservation.withdrawnPaymentIds.includes(paymentId)
    ? reservation
    : { ...reservation, withdrawnPaymentIds: [...reservation.withdrawnPaymentIds, paymentId] };
  if (paymentOf(reservation) !== paymentId) return { outcome, next: withdrawn };
  if (life.state !== 'PAYING') throw new SoldSeatsError(reservation.reservationId, paymentId);
  const expiresAt = endOfHold(reservation.createdAt, now, life.remainingMilliseconds, limits);
  return {
    outcome,
    next: {
      ...withdrawn,
      life: expiresAt > now ? { state: 'HELD', expiresAt } : { state: 'EXPIRED' },
    },
  };
}

/** Sells the seats, to the payment that pinned them and to no other. */
export function decideConfirm(
  { reservation, now }: Case,
  { paymentId, amountKrw }: PayloadOf<typeof ConfirmReservation>,
): Decision<typeof ConfirmReservation> {
  if (!reservation) return unchanged(reservation, 'RESERVATION_NOT_FOUND');
  const { life } = reservation;
  const pinnedAmountKrw = amountOf(reservation.seats);
  if (paymentOf(reservation) !== paymentId || pinnedAmountKrw !== amountKrw) {
    return unchanged(reservation, 'RESERVATION_NOT_PINNED', { state: life.state });
  }
  if ('confirmedAt' in life) {
    return {
      outcome: accepted({ confirmedAt: life.confirmedAt.toISOString() }),
      next: reservation,
    };
  }
  return {
    outcome: accepted({ confirmedAt: now.toISOString() }),
    next: { ...reservation, life: { state: 'CONFIRMED', paymentId, confirmedAt: now } },
  };
}
