import {
  accepted,
  refused,
  RequestRefund,
  type Accepted,
  type Outcome,
  type PayloadOf,
  type Refused,
  type RefusalOf,
  type RefundView,
} from '@encore/contracts';
import type { Payment } from './payment.js';
import { percentAt, refundKrw, type RefundPolicy } from './refund-policy.js';

export interface Refund {
  readonly refundId: number;
  readonly paymentId: number;
  readonly reservationId: number;
  readonly userId: number;
  readonly state: RefundView['state'];
  readonly seatNumbers: readonly number[];
  readonly amountKrw: number;
  readonly reason: string | null;
  readonly failure: string | null;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
}

/** What was decided about a request for money back, before it has an id. */
export interface RefundPlan {
  readonly payment: Payment;
  readonly seatNumbers: number[];
  readonly amountKrw: number;
  readonly reason: string | null;
}

/** A payment with what became of its seats so far. */
export interface RefundablePayment {
  readonly payment: Payment;
  /** Seats of refunds that are running or done. */
  readonly refundedSeats: ReadonlySet<number>;
  readonly refundRunning: boolean;
}

type Refusal = Refused<RefusalOf<typeof RequestRefund>>;

/**
 * Whether and how much money goes back. The payment is the one that bought the reservation, or the
 * person's latest attempt; undefined when there is none.
 */
export function decideRefund(
  found: RefundablePayment | undefined,
  { userId, seatNumbers: asked, reason }: PayloadOf<typeof RequestRefund>,
  policy: RefundPolicy,
  now: Date,
): Accepted<RefundPlan> | Refusal {
  if (found === undefined) return refused('PAYMENT_NOT_FOUND');
  const { payment, refundedSeats, refundRunning } = found;
  const { purchase, state, paymentId } = payment;
  if (payment.userId !== userId) return refused('PAYMENT_NOT_YOURS');
  if (purchase === null || state === 'PENDING' || state === 'FAILED') {
    return refused('PAYMENT_NOT_REFUNDABLE', { paymentId, state });
  }
  if (state === 'REFUNDED') return refused('PAYMENT_ALREADY_REFUNDED', { paymentId });
  if (refundRunning) return refused('PAYMENT_REFUND_IN_PROGRESS', { paymentId });

  const paid = new Set(purchase.seats.map((seat) => seat.seatNumber));
  const wanted = asked ?? [...paid].filter((number) => !refundedSeats.has(number));
  const notPaid = wanted.filter((number) => !paid.has(number));
  if (notPaid.length > 0) return refused('PAYMENT_SEAT_NOT_PAID', { seatNumbers: notPaid });
  const gone = wanted.filter((number) => refundedSeats.has(number));
  if (gone.length > 0) {
    return refused('PAYMENT_ALREADY_REFUNDED', { paymentId, seatNumbers: gone });
  }

  const seats = purchase.seats.filter((seat) => wanted.includes(seat.seatNumber));
  const amountKrw = refundKrw(seats, percentAt(policy, purchase.startsAt, now));
  // Nothing to give back is a "no": cancelling seats for nothing would only take them away.
  if (amountKrw === 0) {
    return refused('PAYMENT_REFUND_TOO_LATE', { startsAt: purchase.startsAt.toISOString() });
  }
  return accepted({ payment, seatNumbers: wanted, amountKrw, reason });
}

/** What the row alone tells whoever requested it; undefined while it runs. */
export function outcomeOfRefund(refund: Refund): Outcome<typeof RequestRefund> | undefined {
  const { refundId, state, failure } = refund;
  if (state === 'PENDING') return undefined;
  if (state === 'COMPLETED') return accepted(viewOfRefund(refund));
  const refusal = RequestRefund.refusals.find((code) => code === failure);
  if (refusal === undefined) throw new Error(`refund ${refundId} failed as ${String(failure)}`);
  return refused(refusal, { refundId });
}

export function viewOfRefund(refund: Refund): RefundView {
  return {
    refundId: refund.refundId,
    paymentId: refund.paymentId,
    reservationId: refund.reservationId,
    userId: refund.userId,
    state: refund.state,
    seatNumbers: [...refund.seatNumbers],
    amountKrw: refund.amountKrw,
    reason: refund.reason,
    failure: refund.failure,
    createdAt: refund.createdAt.toISOString(),
    completedAt: refund.completedAt?.toISOString() ?? null,
  };
}
