import { CancelForRefund, CreditRefund, MarkReservationRefunded } from '@encore/contracts';
import { defineSaga, finish, message, pivot } from '@encore/saga';

export interface RefundPayment {
  readonly refundId: number;
  readonly paymentId: number;
  readonly reservationId: number;
  readonly userId: number;
  readonly seatNumbers: number[];
  /** Decided when the refund was requested: the policy's share of the seats' prices. */
  readonly amountKrw: number;
}

/**
 * The seats are cancelled before the money moves: a refund credited for seats that are still good
 * could not be taken back, while a cancelled seat whose money is late only waits.
 */
export const refundPayment = defineSaga<RefundPayment>('refund-payment', {
  undoable: [],
  pointOfNoReturn: pivot('cancel the seats', {
    ask: ({ reservationId, paymentId, refundId, seatNumbers }) =>
      message(CancelForRefund, { reservationId, paymentId, refundId, seatNumbers }),
  }),
  finishing: [
    finish('credit the wallet', {
      mustSucceed: true,
      ask: ({ userId, paymentId, refundId, amountKrw }) =>
        message(CreditRefund, { userId, paymentId, refundId, amountKrw }),
    }),
    finish('mark the reservation refunded', {
      ask: ({ reservationId, refundId }) =>
        message(MarkReservationRefunded, { reservationId, refundId }),
    }),
  ],
});
