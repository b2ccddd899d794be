import {
  accepted,
  type CancelForRefund,
  type MarkReservationRefunded,
  type Outcome,
  type PayloadOf,
} from '@encore/contracts';
import type { Case } from './change-hold.js';
import { unchanged, type Decision } from './decision.js';
import { amountOf, type Reservation } from './reservation.js';

/** Gives some or all seats of what was paid to one refund; a seat belongs to at most one, ever. */
export function decideCancelForRefund(
  { reservation }: Case,
  { paymentId, refundId, seatNumbers }: PayloadOf<typeof CancelForRefund>,
): Decision<typeof CancelForRefund> {
  if (!reservation) return unchanged(reservation, 'RESERVATION_NOT_FOUND');
  const { life } = reservation;
  if (!('confirmedAt' in life) || life.paymentId !== paymentId) {
    return unchanged(reservation, 'RESERVATION_NOT_PAID', { state: life.state });
  }
  if (reservation.seats.some((seat) => seat.refundId === refundId)) {
    return { outcome: cancelled(reservation, refundId), next: reservation };
  }
  const wanted = new Set(seatNumbers);
  const chosen = reservation.seats.filter(({ seatNumber }) => wanted.has(seatNumber));
  if (chosen.length < wanted.size) {
    const paid = new Set(chosen.map(({ seatNumber }) => seatNumber));
    return unchanged(reservation, 'RESERVATION_NOT_PAID', {
      seatNumbers: seatNumbers.filter((number) => !paid.has(number)),
    });
  }
  const gone = chosen.filter((seat) => seat.refundId !== null);
  if (gone.length > 0) {
    return unchanged(reservation, 'RESERVATION_SEATS_ALREADY_REFUNDED', {
      seatNumbers: gone.map(({ seatNumber }) => seatNumber),
    });
  }
  const seats = reservation.seats.map((seat) =>
    wanted.has(seat.seatNumber) ? { ...seat, cancelled: true, refundId } : seat,
  );
  const state = seats.every((seat) => seat.cancelled) ? 'CANCELLED' : life.state;
  const next: Reservation = { ...reservation, seats, life: { ...life, state } };
  return { outcome: cancelled(next, refundId), next };
}

function cancelled(reservation: Reservation, refundId: number): Outcome<typeof CancelForRefund> {
  return accepted({
    amountKrw: amountOf(reservation.seats.filter((seat) => seat.refundId === refundId)),
    state: reservation.life.state,
  });
}

/** Notes that a refund's money is back; with the last seat's the reservation is REFUNDED. */
export function decideMarkRefunded(
  { reservation }: Case,
  { refundId }: PayloadOf<typeof MarkReservationRefunded>,
): Decision<typeof MarkReservationRefunded> {
  if (!reservation) return unchanged(reservation, 'RESERVATION_NOT_FOUND');
  const outcome = accepted({});
  const { life } = reservation;
  const isNews = (seat: Reservation['seats'][number]) =>
    seat.refundId === refundId && !seat.refunded;
  if (!('confirmedAt' in life) || !reservation.seats.some(isNews)) {
    return { outcome, next: reservation };
  }
  const seats = reservation.seats.map((seat) =>
    isNews(seat) ? { ...seat, refunded: true } : seat,
  );
  const state = seats.every((seat) => seat.refunded) ? 'REFUNDED' : life.state;
  return { outcome, next: { ...reservation, seats, life: { ...life, state } } };
}
