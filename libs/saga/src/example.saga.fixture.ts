import {
  ConfirmReservation,
  CreditRefund,
  DebitWallet,
  ExpireQueueEntry,
  PinReservation,
  ReturnDebit,
  UnpinReservation,
  type ReplyOf,
} from '@encore/contracts';
import { defineSaga, finish, message, pivot, step, unhurried } from './define-saga.js';

type Quote = ReplyOf<typeof PinReservation>;

interface BuyTicket {
  readonly buyer: number;
  readonly pinned: Quote | null;
}

/** A saga with every kind of step: two undoable, the pivot, a lenient and a strict finish. */
export const buyTicket = defineSaga<BuyTicket>('buy-ticket', {
  undoable: [
    step('pin the seat', {
      ask: ({ buyer }) =>
        message(PinReservation, {
          userId: buyer,
          reservationId: 5,
          paymentId: 9,
          expectedAmountKrw: null,
        }),
      keep: (ticket, pinned) => ({ ...ticket, pinned }),
      undo: () => message(UnpinReservation, { reservationId: 5, paymentId: 9 }),
    }),
    step('take the money', {
      ask: ({ buyer, pinned }) =>
        message(DebitWallet, { userId: buyer, paymentId: 9, amountKrw: pinned?.amountKrw ?? 0 }),
      undo: ({ buyer }) => message(ReturnDebit, { userId: buyer, paymentId: 9 }),
    }),
  ],
  pointOfNoReturn: pivot('sell the seat', {
    ask: ({ pinned }) =>
      message(ConfirmReservation, {
        reservationId: 5,
        paymentId: 9,
        amountKrw: pinned?.amountKrw ?? 0,
      }),
    withdraw: () => message(UnpinReservation, { reservationId: 5, paymentId: 9 }),
  }),
  finishing: [
    finish('print the ticket', {
      ask: () => unhurried(message(ExpireQueueEntry, { entryId: 1, paymentId: 9 })),
    }),
    finish('tell the usher', {
      mustSucceed: true,
      ask: ({ buyer }) =>
        message(CreditRefund, { userId: buyer, paymentId: 9, refundId: 1, amountKrw: 1 }),
    }),
  ],
  abandonedAs: 'TICKET_ABANDONED',
});

export const START: BuyTicket = { buyer: 7, pinned: null };

export const QUOTE: Quote = {
  amountKrw: 20_000,
  scheduleId: 3,
  concertId: 1,
  startsAt: '2026-12-24T10:00:00.000Z',
  seats: [
    { seatNumber: 1, priceKrw: 10_000 },
    { seatNumber: 2, priceKrw: 10_000 },
  ],
};
