import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideCancel, decideExtend, type Case } from './change-hold.js';
import {
  at,
  concert,
  confirm,
  confirmed,
  found,
  held,
  LIMITS,
  mine,
  pin,
  refund,
} from './life.fixture.js';
import { decideConfirm, decideLease, decidePin, decideUnpin } from './pay.js';
import { decideCancelForRefund, decideMarkRefunded } from './refund.js';
import { asOf, owns, paymentOf, type Reservation } from './reservation.js';

describe('a refund', () => {
  it('takes some seats and leaves the rest sold', () => {
    const { next, outcome } = decideCancelForRefund(found(confirmed, 300), refund(31, 5));
    expect(outcome).toEqual({ ok: true, value: { amountKrw: 10_000, state: 'CONFIRMED' } });
    expect(next?.seats.map((seat) => owns(next, seat))).toEqual([true, false]);
  });

  it('cancels the reservation with its last seat, and is REFUNDED with the last money', () => {
    const one = decideCancelForRefund(found(confirmed, 300), refund(31, 5)).next;
    const both = decideCancelForRefund(found(one, 310), refund(32, 4)).next;
    expect(both?.life.state).toBe('CANCELLED');
    const half = decideMarkRefunded(found(both, 320), { reservationId: 11, refundId: 32 }).next;
    expect(half?.life.state).toBe('CANCELLED');
    const whole = decideMarkRefunded(found(half, 330), { reservationId: 11, refundId: 31 }).next;
    expect(whole?.life.state).toBe('REFUNDED');
  });

  it('takes seats its owner has cancelled before', () => {
    const cancelled = decideCancel(found(confirmed, 300), mine).next;
    expect(decideCancelForRefund(found(cancelled, 310), refund(31, 4, 5)).outcome).toEqual({
      ok: true,
      value: { amountKrw: 20_000, state: 'CANCELLED' },
    });
  });

  it('changes nothing when it comes again', () => {
    const first = decideCancelForRefund(found(confirmed, 300), refund(31, 4));
    const second = decideCancelForRefund(found(first.next, 310), refund(31, 4));
    expect(second.outcome).toEqual(first.outcome);
    expect(second.next).toBe(first.next);
    const marked = decideMarkRefunded(found(first.next, 320), { reservationId: 11, refundId: 31 });
    expect(
      decideMarkRefunded(found(marked.next, 330), { reservationId: 11, refundId: 31 }),
    ).toEqual(marked);
  });

  it('never takes a seat another refund has', () => {
    const first = decideCancelForRefund(found(confirmed, 300), refund(31, 4)).next;
    expect(decideCancelForRefund(found(first, 310), refund(32, 4, 5)).outcome).toEqual({
      ok: false,
      refusal: 'RESERVATION_SEATS_ALREADY_REFUNDED',
      detail: { seatNumbers: [4] },
    });
  });

  it.each([
    ['a hold', held, refund(31, 4)],
    ['another payment’s seats', confirmed, { ...refund(31, 4), paymentId: 22 }],
    ['a seat that was not bought', confirmed, refund(31, 4, 6)],
  ])('is refused for %s', (_, kept, command) => {
    expect(decideCancelForRefund(found(kept, 200), command)).toMatchObject({
      outcome: { refusal: 'RESERVATION_NOT_PAID' },
      next: kept,
    });
  });
});

/** When the leases of a history end: sooner or later than their end, all are asked about. */
const LEASE_ENDS = 400;

describe('any history of a reservation', () => {
  const payment = fc.constantFrom(21, 22);
  const step = fc.oneof(
    payment.map((id) => (of: Case) => decidePin(of, pin(id, null))),
    payment.map((id) => (of: Case) => decidePin(of, pin(id, null), at(LEASE_ENDS))),
    fc.tuple(payment, fc.boolean()).map(
      ([paymentId, isStored]) =>
        (of: Case) =>
          decideLease(of, { reservationId: 11, paymentId, isStored }, LIMITS),
    ),
    payment.map((id) => (of: Case) => decideConfirm(of, confirm(id))),
    payment.map(
      (id) => (of: Case) =>
        // The saga undoes nothing that it has confirmed.
        of.reservation && 'confirmedAt' in of.reservation.life
          ? { next: of.reservation }
          : decideUnpin(of, { reservationId: 11, paymentId: id }, LIMITS),
    ),
    fc.constant((of: Case) => decideCancel(of, mine)),
    fc.constant((of: Case) => decideExtend(of, mine, LIMITS)),
    fc.tuple(fc.constantFrom(31, 32), fc.subarray([4, 5], { minLength: 1 })).map(
      ([id, numbers]) =>
        (of: Case) =>
          decideCancelForRefund(of, refund(id, ...numbers)),
    ),
    fc
      .constantFrom(31, 32)
      .map((refundId) => (of: Case) => decideMarkRefunded(of, { reservationId: 11, refundId })),
  );
  const history = fc.array(fc.tuple(step, fc.integer({ min: 1, max: 200 })), { maxLength: 25 });

  it('ends at most once, is paid by at most one payment, and never holds beyond its limit', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let seconds = 0;
        let current = held;
        for (const [decide, pause] of steps) {
          seconds += pause;
          const before = asOf(current, at(seconds));
          const next = decide({ reservation: before, schedule: concert, now: at(seconds) }).next;
          if (!next) throw new Error('a decision lost the reservation');
          expectLawfulStep(before, next);
          current = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  function expectLawfulStep(before: Reservation, next: Reservation): void {
    if (['EXPIRED', 'RELEASED', 'REFUNDED'].includes(before.life.state)) {
      expect(next.life).toEqual(before.life);
    }
    if ('confirmedAt' in before.life) {
      expect(paymentOf(next)).toBe(before.life.paymentId);
      expect(['CONFIRMED', 'CANCELLED', 'REFUNDED']).toContain(next.life.state);
    }
    if (next.life.state === 'HELD') {
      expect(next.life.expiresAt.getTime()).toBeLessThanOrEqual(at(900).getTime());
    }
    if (next.life.state === 'PAYING') {
      expect(next.withdrawnPaymentIds).not.toContain(next.life.paymentId);
    }
    for (const [index, seat] of before.seats.entries()) {
      const after = next.seats[index];
      if (seat.refundId !== null) expect(after?.refundId).toBe(seat.refundId);
      if (!owns(before, seat)) expect(after && owns(next, after)).toBe(false);
    }
  }
});
