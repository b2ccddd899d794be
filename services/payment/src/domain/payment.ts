import {
  accepted,
  refused,
  RequestPayment,
  type Outcome,
  type PaymentState,
  type PaymentView,
  type RefusalOf,
} from '@encore/contracts';

/** A seat as it was sold: with the price the reservation fixed. */
export interface PaidSeat {
  readonly seatNumber: number;
  readonly priceKrw: number;
}

/** What was bought, as the reservation said when it was pinned. */
export interface Purchase {
  readonly scheduleId: number;
  readonly concertId: number;
  readonly startsAt: Date;
  readonly amountKrw: number;
  readonly seats: readonly PaidSeat[];
}

export interface Payment {
  readonly paymentId: number;
  readonly userId: number;
  readonly reservationId: number;
  readonly state: PaymentState;
  /** Null until the point of no return, and in payments that failed before they had a price. */
  readonly purchase: Purchase | null;
  readonly refundedKrw: number;
  readonly failure: string | null;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
}

/**
 * What the row alone tells whoever requested it: the same as at first, whatever was given back
 * since. Undefined while it runs.
 */
export function outcomeOfPayment(payment: Payment): Outcome<typeof RequestPayment> | undefined {
  const { paymentId, state, failure } = payment;
  if (state === 'PENDING') return undefined;
  if (state === 'FAILED') return refused(refusalOfPayment(failure), { paymentId });
  return accepted(viewOfPayment({ ...payment, state: 'COMPLETED', refundedKrw: 0 }));
}

/** A failure as the contract's code for it; throws when the contract has none. */
export function refusalOfPayment(failure: string | null): RefusalOf<typeof RequestPayment> {
  const refusal = RequestPayment.refusals.find((code) => code === failure);
  if (refusal === undefined) throw new Error(`a payment failed as ${String(failure)}`);
  return refusal;
}

export function viewOfPayment(payment: Payment): PaymentView {
  return {
    paymentId: payment.paymentId,
    userId: payment.userId,
    reservationId: payment.reservationId,
    scheduleId: payment.purchase?.scheduleId ?? null,
    state: payment.state,
    amountKrw: payment.purchase?.amountKrw ?? null,
    refundedKrw: payment.refundedKrw,
    failure: payment.failure,
    createdAt: payment.createdAt.toISOString(),
    completedAt: payment.completedAt?.toISOString() ?? null,
  };
}
