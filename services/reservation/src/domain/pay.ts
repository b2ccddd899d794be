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

/** A lease whose end has come, and what the payment service says of its payment. */
export interface EndedLease {
  readonly reservationId: number;
  readonly paymentId: number;
  readonly isStored: boolean;
}

type Pin = PayloadOf<typeof PinReservation>;
type Paying = Extract<Reservation['life'], { readonly state: 'PAYING' }>;

/**
 * Takes a hold into a payment: from here on only that payment decides what becomes of it. One that
 * may not be stored yet gets it until `leaseEndsAt`.
 */
export function decidePin(
  { reservation, schedule, now }: Case,
  command: Pin,
  leaseEndsAt: Date | null = null,
): Decision<typeof PinReservation> {
  if (!reservation || !schedule) return unchanged(reservation, 'RESERVATION_NOT_FOUND');
  if (reservation.userId !== command.userId) return unchanged(reservation, 'RESERVATION_NOT_YOURS');
  if (reservation.withdrawnPaymentIds.includes(command.paymentId)) {
    return unchanged(reservation, 'RESERVATION_PIN_WITHDRAWN');
  }
  const { life } = reservation;
  const { paymentId } = command;
  switch (life.state) {
    case 'HELD': {
      const remainingMilliseconds = life.expiresAt.getTime() - now.getTime();
      const next = { state: 'PAYING', paymentId, remainingMilliseconds, leaseEndsAt } as const;
      return pinWith(reservation, schedule, command, next);
    }
    case 'PAYING':
      return mayPinAgain(life, paymentId)
        ? pinWith(reservation, schedule, command, pinnedAgain(life, paymentId, leaseEndsAt))
        : unchanged(reservation, 'RESERVATION_PAYMENT_RUNNING');
    case 'CONFIRMED':
      return life.paymentId === paymentId
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

/**
 * A payment may pin again what it has pinned. A later one may take over a lease: it exists only if
 * the earlier was never stored, for one payment of a person and reservation lives at a time.
 */
function mayPinAgain(life: Paying, paymentId: number): boolean {
  return life.paymentId === paymentId || (life.leaseEndsAt !== null && life.paymentId < paymentId);
}

/** The same object when nothing changes: a lease ends when the payment is stored, never later. */
function pinnedAgain(life: Paying, paymentId: number, leaseEndsAt: Date | null): Paying {
  const isTheSame = life.paymentId === paymentId;
  if (isTheSame && (life.leaseEndsAt === null || leaseEndsAt !== null)) return life;
  return { ...life, paymentId, leaseEndsAt };
}

function pinWith(
  reservation: Reservation,
  schedule: Schedule,
  { expectedAmountKrw }: Pin,
  life: Paying,
): Decision<typeof PinReservation> {
  const amountKrw = amountOf(reservation.seats);
  if (expectedAmountKrw !== null && expectedAmountKrw !== amountKrw) {
    return unchanged(reservation, 'RESERVATION_AMOUNT_DIFFERS', { amountKrw });
  }
  const next = life === reservation.life ? reservation : { ...reservation, life };
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
 * is refused when it does come. Never touches what another payment has pinned, nor what this one
 * has confirmed: a saga that no longer waited for its confirmation learns by the refusal that the
 * seats are sold, and goes on.
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
  if (life.state !== 'PAYING') return unchanged(reservation, 'RESERVATION_ALREADY_PAID');
  const expiresAt = endOfHold(reservation.createdAt, now, life.remainingMilliseconds, limits);
  return {
    outcome,
    next: {
      ...withdrawn,
      life: expiresAt > now ? { state: 'HELD', expiresAt } : { state: 'EXPIRED' },
    },
  };
}

/** Ends a lease: the payment is stored and decides from now on, or the hold is as it was. */
export function decideLease(
  found: Case,
  { reservationId, paymentId, isStored }: EndedLease,
  limits: HoldLimits,
): { readonly outcome: null; readonly next: Reservation | undefined } {
  const { reservation } = found;
  if (reservation === undefined) return { outcome: null, next: undefined };
  const { life } = reservation;
  const isLeased = life.state === 'PAYING' && life.leaseEndsAt !== null;
  if (!isLeased || life.paymentId !== paymentId) return { outcome: null, next: reservation };
  const next = isStored
    ? { ...reservation, life: { ...life, leaseEndsAt: null } }
    : decideUnpin(found, { reservationId, paymentId }, limits).next;
  return { outcome: null, next };
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
