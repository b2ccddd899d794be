import {
  ConfirmReservation,
  DebitWallet,
  ExpireQueueEntry,
  PinReservation,
  ReturnDebit,
  UnpinReservation,
  type ReplyOf,
} from '@encore/contracts';
import { defineSaga, finish, message, pivot, step, unhurried } from '@encore/saga';

export interface PayForReservation {
  readonly paymentId: number;
  readonly userId: number;
  readonly reservationId: number;
  readonly entryId: number;
  readonly roomId: string;
  readonly expectedAmountKrw: number | null;
  /** Price, seats and time as the reservation fixed them; null until it is pinned. */
  readonly pinned: ReplyOf<typeof PinReservation> | null;
}

export const payForReservation = defineSaga<PayForReservation>('pay-for-reservation', {
  undoable: [
    step('pin the reservation', {
      ask: ({ userId, reservationId, paymentId, expectedAmountKrw }) =>
        message(PinReservation, { userId, reservationId, paymentId, expectedAmountKrw }),
      keep: (payment, pinned) => ({ ...payment, pinned }),
      undo: ({ reservationId, paymentId }) =>
        message(UnpinReservation, { reservationId, paymentId }),
    }),
    step('debit the wallet', {
      ask: (payment) =>
        message(DebitWallet, {
          userId: payment.userId,
          paymentId: payment.paymentId,
          amountKrw: pinnedBy(payment).amountKrw,
        }),
      undo: ({ userId, paymentId }) => message(ReturnDebit, { userId, paymentId }),
    }),
  ],
  pointOfNoReturn: pivot('confirm the reservation', {
    ask: (payment) =>
      message(ConfirmReservation, {
        reservationId: payment.reservationId,
        paymentId: payment.paymentId,
        amountKrw: pinnedBy(payment).amountKrw,
      }),
    withdraw: ({ reservationId, paymentId }) =>
      message(UnpinReservation, { reservationId, paymentId }),
  }),
  finishing: [
    finish('expire the queue entry', {
      ask: ({ entryId, paymentId }) => unhurried(message(ExpireQueueEntry, { entryId, paymentId })),
    }),
  ],
  abandonedAs: 'PAYMENT_ABANDONED',
});

/** Throws before the pin was answered: no later step is ever asked without a price. */
export function pinnedBy(payment: PayForReservation): ReplyOf<typeof PinReservation> {
  if (payment.pinned === null) throw new Error(`payment ${payment.paymentId} has no price yet`);
  return payment.pinned;
}
