import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideCancel, decideExtend, type Case } from './change-hold.js';
import { decideConfirm, decidePin, decideUnpin, SoldSeatsError } from './pay.js';
import { decideCancelForRefund, decideMarkRefunded } from './refund.js';
import { asOf, owns, paymentOf, type Life, type Reservation } from './reservation.js';
import type { Schedule } from './schedule.js';

const START_MS = Date.parse('2026-11-20T10:00:00Z');
const LIMITS = { holdSeconds: 300, holdLimitSeconds: 900 };
const at = (seconds: number) => new Date(START_MS + seconds * 1000);

const concert: Schedule = {
  scheduleId: 7,
  concertId: 1,
  concertName: 'Night of Strings',
  startsAt: at(86_400),
  salesOpenAt: at(-3_600),
  saleOpen: true,
};

function reservation(life: Life, change: Partial<Reservation> = {}): Reservation {
  const seat = { priceKrw: 10_000, cancelled: false, refundId: null, refunded: false };
  return {
    reservationId: 11,
    userId: 1,
    scheduleId: 7,
    createdAt: at(0),
    extended: false,
    seats: [
      { ...seat, seatId: 104, seatNumber: 4 },
      { ...seat, seatId: 105, seatNumber: 5 },
    ],
    life,
    withdrawnPaymentIds: [],
    ...change,
  };
}

const held = reservation({ state: 'HELD', expiresAt: at(300) });
const paying = reservation({ state: 'PAYING', paymentId: 21, remainingMilliseconds: 100_000 });
const confirmed = reservation({ state: 'CONFIRMED', paymentId: 21, confirmedAt: at(201) });
const expired = reservation({ state: 'EXPIRED' });
const released = reservation({ state: 'RELEASED' });

const found = (kept: Reservation | undefined, seconds: number): Case => ({
  reservation: kept && asOf(kept, at(seconds)),
  schedule: kept && concert,
  now: at(seconds),
});
const mine = { userId: 1, reservationId: 11 };
const pin = (paymentId: number, expectedAmountKrw: number | null = 20_000) => ({
  ...mine,
  paymentId,
  expectedAmountKrw,
});
const confirm = (paymentId: number) => ({ reservationId: 11, paymentId, amountKrw: 20_000 });
const refund = (refundId: number, ...seatNumbers: number[]) => ({
  reservationId: 11,
  paymentId: 21,
  refundId,
  seatNumbers,
});

describe('a hold', () => {
  it('is over at its last instant', () => {
    expect(asOf(held, at(299.999)).life.state).toBe('HELD');
    expect(asOf(held, at(300)).life.state).toBe('EXPIRED');
  });

  it('gets its full time again, once', () => {
    const first = decideExtend(found(held, 200), mine, LIMITS);
    expect(first.next?.life).toEqual({ state: 'HELD', expiresAt: at(500) });
    expect(decideExtend(found(first.next, 400), mine, LIMITS).outcome).toMatchObject({
      refusal: 'RESERVATION_ALREADY_EXTENDED',
    });
  });

  it('is extended no further than its absolute limit', () => {
    const late = reservation({ state: 'HELD', expiresAt: at(850) });
    expect(decideExtend(found(late, 840), mine, LIMITS).next?.life).toEqual({
      state: 'HELD',
      expiresAt: at(900),
    });
  });

  it('cannot be extended once it has lapsed', () => {
    expect(decideExtend(found(held, 300), mine, LIMITS).outcome).toMatchObject({
      refusal: 'RESERVATION_NOT_HELD',
      detail: { state: 'EXPIRED' },
    });
  });

  it.each([
    ['extend', decideExtend(found(held, 1), { userId: 2 }, LIMITS)],
    ['cancel', decideCancel(found(held, 1), { userId: 2 })],
    ['pay for', decidePin(found(held, 1), { ...pin(21), userId: 2 })],
  ])('is nobody else’s to %s', (_, decision) => {
    expect(decision.outcome).toMatchObject({ refusal: 'RESERVATION_NOT_YOURS' });
    expect(decision.next).toBe(held);
  });
});

describe('cancelling', () => {
  it('releases a hold, and says so again when asked again', () => {
    const first = decideCancel(found(held, 10), mine);
    expect(first.outcome).toMatchObject({ ok: true, value: { state: 'RELEASED' } });
    const second = decideCancel(found(first.next, 20), mine);
    expect(second.outcome).toEqual(first.outcome);
    expect(second.next).toBe(first.next);
  });

  it('cancels every seat of what was paid', () => {
    const { next, outcome } = decideCancel(found(confirmed, 300), mine);
    expect(outcome).toMatchObject({ ok: true, value: { state: 'CANCELLED', paymentId: 21 } });
    expect(next?.seats.map((seat) => seat.cancelled)).toEqual([true, true]);
  });

  it.each([
    ['a payment is running', paying, 210, 'RESERVATION_PAYMENT_RUNNING'],
    ['the hold has lapsed', held, 300, 'RESERVATION_EXPIRED'],
    ['the concert has begun', confirmed, 86_400, 'RESERVATION_CONCERT_STARTED'],
    ['there is nothing', undefined, 1, 'RESERVATION_NOT_FOUND'],
  ])('is refused when %s', (_, kept, seconds, refusal) => {
    expect(decideCancel(found(kept, seconds), mine).outcome).toMatchObject({ refusal });
  });
});

describe('a pin', () => {
  it('stops the clock and remembers the time that was left', () => {
    const { next, outcome } = decidePin(found(held, 200), pin(21));
    expect(next?.life).toEqual(paying.life);
    expect(outcome).toMatchObject({ ok: true, value: { amountKrw: 20_000, concertId: 1 } });
    expect(next && asOf(next, at(5_000)).life.state).toBe('PAYING');
  });

  it('says the same again when its command comes twice', () => {
    const first = decidePin(found(held, 200), pin(21));
    const second = decidePin(found(first.next, 250), pin(21));
    expect(second.outcome).toEqual(first.outcome);
    expect(second.next).toBe(first.next);
  });

  it.each([
    ['a payment is running', paying, pin(22), 'RESERVATION_PAYMENT_RUNNING'],
    ['it was paid', confirmed, pin(22), 'RESERVATION_ALREADY_PAID'],
    ['the hold has lapsed', expired, pin(22), 'RESERVATION_EXPIRED'],
    ['the hold was given up', released, pin(22), 'RESERVATION_NOT_HELD'],
    ['the amount is another', held, pin(22, 1), 'RESERVATION_AMOUNT_DIFFERS'],
    ['there is nothing', undefined, pin(22), 'RESERVATION_NOT_FOUND'],
  ])('is refused when %s', (_, kept, command, refusal) => {
    const decision = decidePin(found(kept, 100), command);
    expect(decision.outcome).toMatchObject({ refusal });
    expect(decision.next).toBe(kept);
  });

  it('is refused after its undo, which came first', () => {
    const undone = decideUnpin(found(held, 100), { ...mine, paymentId: 21 }, LIMITS);
    expect(undone.next?.life).toEqual(held.life);
    expect(decidePin(found(undone.next, 101), pin(21)).outcome).toMatchObject({
      refusal: 'RESERVATION_PIN_WITHDRAWN',
    });
    expect(decidePin(found(undone.next, 101), pin(22)).outcome).toMatchObject({ ok: true });
  });
});

describe('the undo of a pin', () => {
  const unpin = { reservationId: 11, paymentId: 21 };

  it('gives the hold the time it had left', () => {
    expect(decideUnpin(found(paying, 400), unpin, LIMITS).next?.life).toEqual({
      state: 'HELD',
      expiresAt: at(500),
    });
  });

  it('ends the hold when its absolute limit has passed meanwhile', () => {
    expect(decideUnpin(found(paying, 901), unpin, LIMITS).next?.life).toEqual({ state: 'EXPIRED' });
  });

  it('leaves what another payment has pinned or bought alone', () => {
    for (const kept of [paying, confirmed]) {
      const { next, outcome } = decideUnpin(found(kept, 400), { ...unpin, paymentId: 20 }, LIMITS);
      expect(outcome).toEqual({ ok: true, value: {} });
      expect(next?.life).toBe(kept.life);
    }
  });

  it('refuses to be silent about seats that its payment has bought', () => {
    expect(() => decideUnpin(found(confirmed, 400), unpin, LIMITS)).toThrow(SoldSeatsError);
  });
});

describe('the confirmation', () => {
  it('sells the seats, and tells the same instant when it comes again', () => {
    const first = decideConfirm(found(paying, 201), confirm(21));
    expect(first.next?.life).toEqual(confirmed.life);
    expect(decideConfirm(found(first.next, 900), confirm(21)).outcome).toEqual(first.outcome);
    const cancelled = decideCancel(found(first.next, 950), mine).next;
    expect(decideConfirm(found(cancelled, 960), confirm(21)).outcome).toEqual(first.outcome);
  });

  it.each([
    ['another payment', paying, confirm(22)],
    ['another amount', paying, { ...confirm(21), amountKrw: 1 }],
    ['a hold nobody pinned', held, confirm(21)],
    ['a hold that is over', expired, confirm(21)],
    ['what another payment bought', confirmed, confirm(22)],
  ])('is refused for %s', (_, kept, command) => {
    const decision = decideConfirm(found(kept, 100), command);
    expect(decision.outcome).toMatchObject({ refusal: 'RESERVATION_NOT_PINNED' });
    expect(decision.next).toBe(kept);
  });
});

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

describe('any history of a reservation', () => {
  const payment = fc.constantFrom(21, 22);
  const step = fc.oneof(
    payment.map((id) => (of: Case) => decidePin(of, pin(id, null))),
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
