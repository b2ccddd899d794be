import { describe, expect, it } from '@jest/globals';
import type { PayloadOf, RequestRefund } from '@encore/contracts';
import type { Payment } from './payment.js';
import { FULL_UNTIL_START, type RefundPolicy } from './refund-policy.js';
import { decideRefund } from './refund.js';

const NOW = new Date('2026-12-20T10:00:00.000Z');
const OWNER = 7;

function payment(change: Partial<Payment> = {}): Payment {
  return {
    paymentId: 9,
    userId: OWNER,
    reservationId: 5,
    state: 'COMPLETED',
    purchase: {
      scheduleId: 4,
      concertId: 1,
      startsAt: new Date('2026-12-24T10:00:00.000Z'),
      amountKrw: 30_001,
      seats: [
        { seatNumber: 1, priceKrw: 10_000 },
        { seatNumber: 2, priceKrw: 10_001 },
        { seatNumber: 3, priceKrw: 10_000 },
      ],
    },
    refundedKrw: 0,
    failure: null,
    createdAt: NOW,
    completedAt: NOW,
    ...change,
  };
}

function decide(
  change: {
    payment?: Partial<Payment>;
    refundedSeats?: number[];
    refundRunning?: boolean;
    asked?: Partial<PayloadOf<typeof RequestRefund>>;
    policy?: RefundPolicy;
    now?: Date;
  } = {},
) {
  const { refundedSeats = [], refundRunning = false, policy = FULL_UNTIL_START } = change;
  return decideRefund(
    {
      payment: payment(change.payment),
      refundedSeats: new Set(refundedSeats),
      refundRunning,
    },
    { userId: OWNER, reservationId: 5, seatNumbers: null, reason: null, ...change.asked },
    policy,
    change.now ?? NOW,
  );
}

describe('a refund', () => {
  it('gives everything back until the concert starts', () => {
    expect(decide()).toMatchObject({
      ok: true,
      value: { seatNumbers: [1, 2, 3], amountKrw: 30_001 },
    });
    expect(decide({ now: new Date('2026-12-24T09:59:59.999Z') }).ok).toBe(true);
  });

  it('is too late from the instant the concert starts', () => {
    expect(decide({ now: new Date('2026-12-24T10:00:00.000Z') })).toMatchObject({
      refusal: 'PAYMENT_REFUND_TOO_LATE',
    });
  });

  it('gives back single seats at their own prices', () => {
    expect(decide({ asked: { seatNumbers: [2] } })).toMatchObject({
      value: { seatNumbers: [2], amountKrw: 10_001 },
    });
  });

  it('gives back what is left when no seats are named', () => {
    const partly = { payment: { state: 'PARTIALLY_REFUNDED' as const }, refundedSeats: [2] };
    expect(decide(partly)).toMatchObject({ value: { seatNumbers: [1, 3], amountKrw: 20_000 } });
  });

  it('never gives a seat back twice', () => {
    const partly = { payment: { state: 'PARTIALLY_REFUNDED' as const }, refundedSeats: [2] };
    expect(decide({ ...partly, asked: { seatNumbers: [1, 2] } })).toMatchObject({
      refusal: 'PAYMENT_ALREADY_REFUNDED',
      detail: { seatNumbers: [2] },
    });
    expect(decide({ payment: { state: 'REFUNDED' } })).toMatchObject({
      refusal: 'PAYMENT_ALREADY_REFUNDED',
    });
  });

  it('waits for none that is still running', () => {
    expect(decide({ refundRunning: true, refundedSeats: [1] })).toMatchObject({
      refusal: 'PAYMENT_REFUND_IN_PROGRESS',
    });
  });

  it('knows only seats that were paid', () => {
    expect(decide({ asked: { seatNumbers: [1, 4] } })).toMatchObject({
      refusal: 'PAYMENT_SEAT_NOT_PAID',
      detail: { seatNumbers: [4] },
    });
  });

  it('belongs to who paid', () => {
    expect(decide({ asked: { userId: 8 } })).toMatchObject({ refusal: 'PAYMENT_NOT_YOURS' });
  });

  it.each(['PENDING', 'FAILED'] as const)('has nothing to give for a %s payment', (state) => {
    const refusal = 'PAYMENT_NOT_REFUNDABLE';
    expect(decide({ payment: { state, purchase: null } })).toMatchObject({ refusal });
  });

  it('finds no payment where there is none', () => {
    const asked = { userId: OWNER, reservationId: 5, seatNumbers: null, reason: null };
    expect(decideRefund(undefined, asked, FULL_UNTIL_START, NOW)).toMatchObject({
      refusal: 'PAYMENT_NOT_FOUND',
    });
  });
});

describe('a refund policy', () => {
  const policy: RefundPolicy = [
    { hoursBefore: 0, percent: 0 },
    { hoursBefore: 24, percent: 50 },
    { hoursBefore: 72, percent: 90 },
  ];
  const at = (iso: string) => decide({ policy, now: new Date(iso) });

  it('gives the share of the furthest tier that is still reached, rounded down per seat', () => {
    expect(at('2026-12-21T10:00:00.000Z')).toMatchObject({ value: { amountKrw: 27_000 } });
    expect(at('2026-12-21T10:00:00.001Z')).toMatchObject({ value: { amountKrw: 15_000 } });
    expect(at('2026-12-23T10:00:00.000Z')).toMatchObject({ value: { amountKrw: 15_000 } });
  });

  it('takes no seats away for nothing', () => {
    expect(at('2026-12-23T10:00:00.001Z')).toMatchObject({ refusal: 'PAYMENT_REFUND_TOO_LATE' });
    const tiny = [{ hoursBefore: 0, percent: 1 }];
    const purchase = { ...payment().purchase, seats: [{ seatNumber: 1, priceKrw: 99 }] };
    const cheap = { purchase } as Partial<Payment>;
    expect(decide({ policy: tiny, payment: cheap })).toMatchObject({
      refusal: 'PAYMENT_REFUND_TOO_LATE',
    });
  });

  it('gives nothing before its first tier is reached', () => {
    const early = [{ hoursBefore: 1_000, percent: 100 }];
    expect(decide({ policy: early })).toMatchObject({ refusal: 'PAYMENT_REFUND_TOO_LATE' });
  });
});
