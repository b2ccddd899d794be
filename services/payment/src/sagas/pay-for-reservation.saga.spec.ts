import { describe, expect, it } from '@jest/globals';
import { Conversation, sagaLaws } from '@encore/saga';
import { payForReservation, type PayForReservation } from './pay-for-reservation.saga.js';

const start: PayForReservation = {
  paymentId: 9,
  userId: 7,
  reservationId: 5,
  entryId: 3,
  roomId: 'default',
  expectedAmountKrw: 20_000,
  pinned: null,
};
const pinned = {
  amountKrw: 20_000,
  scheduleId: 4,
  concertId: 1,
  startsAt: '2026-12-24T10:00:00.000Z',
  seats: [
    { seatNumber: 7, priceKrw: 10_000 },
    { seatNumber: 8, priceKrw: 10_000 },
  ],
};
const replies = {
  'pin the reservation': pinned,
  'debit the wallet': { userId: 7, balanceKrw: 0 },
  'confirm the reservation': { confirmedAt: '2026-11-20T10:00:00.000Z' },
};

describe('paying for a reservation', () => {
  it.each(sagaLaws(payForReservation, { start, replies }))('$title', ({ check }) => {
    expect(check).not.toThrow();
  });

  it('pins, debits the price the reservation fixed, confirms, and uses up the queue entry', () => {
    const talk = new Conversation(payForReservation, start);
    talk.accept(pinned);
    talk.accept(replies['debit the wallet']);
    talk.accept(replies['confirm the reservation']);
    talk.accept();
    expect(talk.lines).toEqual([
      '→ pin the reservation',
      '← yes',
      '→ debit the wallet',
      '← yes',
      '→ confirm the reservation',
      '← yes',
      '→ expire the queue entry',
      '← yes',
    ]);
    expect(talk.asks.map((ask) => [ask.contract.name, ask.payload])).toEqual([
      ['PinReservation', { userId: 7, reservationId: 5, paymentId: 9, expectedAmountKrw: 20_000 }],
      ['DebitWallet', { userId: 7, paymentId: 9, amountKrw: 20_000 }],
      ['ConfirmReservation', { reservationId: 5, paymentId: 9, amountKrw: 20_000 }],
      ['ExpireQueueEntry', { entryId: 3, paymentId: 9 }],
    ]);
  });

  it('leaves the queue entry alone and unpins when the wallet is empty', () => {
    const talk = new Conversation(payForReservation, start);
    talk.accept(pinned);
    talk.refuse('WALLET_INSUFFICIENT_BALANCE');
    talk.accept();
    expect(talk.lines).toEqual([
      '→ pin the reservation',
      '← yes',
      '→ debit the wallet',
      '← WALLET_INSUFFICIENT_BALANCE',
      '→ undo pin the reservation',
      '← yes',
    ]);
  });

  it('returns the debit before it unpins when the reservation cannot be confirmed', () => {
    const talk = new Conversation(payForReservation, start);
    talk.accept(pinned);
    talk.accept(replies['debit the wallet']);
    talk.refuse('RESERVATION_NOT_PINNED');
    talk.accept({ returnedKrw: 20_000 });
    talk.accept();
    expect(talk.lines.slice(-4)).toEqual([
      '→ undo debit the wallet',
      '← yes',
      '→ undo pin the reservation',
      '← yes',
    ]);
  });

  it('withdraws what nobody answered, and what that may have led to first', () => {
    const talk = new Conversation(payForReservation, start);
    talk.accept(pinned);
    talk.hearNothingUntilItActs();
    const [unpin] = talk.asks.slice(-1);
    expect(unpin).toMatchObject({ payload: { reservationId: 5, paymentId: 9 } });
    expect(unpin?.contract.name).toBe('UnpinReservation');
    talk.accept();
    expect(talk.asks.at(-1)).toMatchObject({ payload: { userId: 7, paymentId: 9 } });
    expect(talk.asks.at(-1)?.contract.name).toBe('ReturnDebit');
    expect(talk.saga.refusal?.code).toBe('PAYMENT_ABANDONED');
  });

  it('is completed when the seats turn out to be sold although the wallet kept silent', () => {
    const talk = new Conversation(payForReservation, start);
    talk.accept(pinned);
    talk.hearNothingUntilItActs();
    talk.refuse('RESERVATION_ALREADY_PAID');
    talk.accept(replies['confirm the reservation']);
    talk.accept();
    expect(talk.lines.slice(-6)).toEqual([
      '→ undo confirm the reservation',
      '← RESERVATION_ALREADY_PAID',
      '→ confirm the reservation',
      '← yes',
      '→ expire the queue entry',
      '← yes',
    ]);
    expect(talk.saga).toMatchObject({ state: 'COMPLETED', refusal: null });
  });

  it('is completed although the queue entry is gone', () => {
    const talk = new Conversation(payForReservation, start);
    talk.accept(pinned);
    talk.accept(replies['debit the wallet']);
    talk.accept(replies['confirm the reservation']);
    talk.refuse('QUEUE_ENTRY_NOT_FOUND');
    expect(talk.saga).toMatchObject({ state: 'COMPLETED', refusal: null });
  });
});
