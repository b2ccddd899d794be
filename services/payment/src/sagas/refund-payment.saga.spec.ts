import { describe, expect, it } from '@jest/globals';
import { Conversation, sagaLaws } from '@encore/saga';
import { refundPayment, type RefundPayment } from './refund-payment.saga.js';

const start: RefundPayment = {
  refundId: 2,
  paymentId: 9,
  reservationId: 5,
  userId: 7,
  seatNumbers: [7, 8],
  amountKrw: 10_000,
};
const cancelled = { amountKrw: 20_000, state: 'CANCELLED' };
const replies = {
  'cancel the seats': cancelled,
  'credit the wallet': { userId: 7, balanceKrw: 10_000 },
};

describe('refunding a payment', () => {
  it.each(sagaLaws(refundPayment, { start, replies }))('$title', ({ check }) => {
    expect(check).not.toThrow();
  });

  it('cancels the seats before it credits what the policy decided', () => {
    const talk = new Conversation(refundPayment, start);
    talk.accept(cancelled);
    talk.accept(replies['credit the wallet']);
    talk.accept();
    expect(talk.asks.map((ask) => [ask.contract.name, ask.payload])).toEqual([
      ['CancelForRefund', { reservationId: 5, paymentId: 9, refundId: 2, seatNumbers: [7, 8] }],
      ['CreditRefund', { userId: 7, paymentId: 9, refundId: 2, amountKrw: 10_000 }],
      ['MarkReservationRefunded', { reservationId: 5, refundId: 2 }],
    ]);
  });

  it('ends without moving money when the seats cannot be cancelled', () => {
    const talk = new Conversation(refundPayment, start);
    talk.refuse('RESERVATION_NOT_PAID');
    expect(talk.saga).toMatchObject({
      state: 'COMPENSATED',
      refusal: { code: 'RESERVATION_NOT_PAID' },
    });
    expect(talk.asks).toHaveLength(1);
  });

  it('asks a person, and is not done, when the wallet will not take the money', () => {
    const talk = new Conversation(refundPayment, start);
    talk.accept(cancelled);
    talk.refuse('WALLET_USER_NOT_FOUND');
    expect(talk.saga.state).toBe('NEEDS_ATTENTION');
    expect(talk.reached).toEqual([{ kind: 'passed', step: 'cancel the seats' }]);
  });
});
