import { describe, expect, it } from '@jest/globals';
import { decideCancel, decideExtend } from './change-hold.js';
import {
  at,
  confirm,
  confirmed,
  expired,
  found,
  held,
  LIMITS,
  mine,
  paying,
  pin,
  released,
  reservation,
} from './life.fixture.js';
import { decideConfirm, decideLease, decidePin, decideUnpin } from './pay.js';
import { asOf } from './reservation.js';

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

describe('a lease', () => {
  const leased = decidePin(found(held, 200), pin(21), at(215)).next;
  const ended = (isStored: boolean, paymentId = 21) => ({ ...mine, paymentId, isStored });

  it('pins like any other until its end comes', () => {
    expect(leased?.life).toEqual({ ...paying.life, leaseEndsAt: at(215) });
    expect(leased && asOf(leased, at(5_000))).toBe(leased);
    expect(decideConfirm(found(leased, 230), confirm(21)).next?.life).toEqual({
      ...confirmed.life,
      confirmedAt: at(230),
    });
  });

  it('does not begin anew, and is over when the stored payment pins', () => {
    const again = decidePin(found(leased, 210), pin(21), at(225));
    expect(again.next).toBe(leased);
    const stored = decidePin(found(leased, 210), pin(21));
    expect(stored.next?.life).toEqual(paying.life);
    expect(decidePin(found(stored.next, 211), pin(21), at(226)).next).toBe(stored.next);
  });

  it('goes to a later payment, never to an earlier one, and not past its amount', () => {
    const later = decidePin(found(leased, 210), pin(22), at(225));
    expect(later.outcome).toMatchObject({ ok: true });
    expect(later.next?.life).toEqual({ ...paying.life, paymentId: 22, leaseEndsAt: at(225) });
    expect(decidePin(found(leased, 210), pin(20), at(225))).toMatchObject({
      outcome: { refusal: 'RESERVATION_PAYMENT_RUNNING' },
      next: leased,
    });
    expect(decidePin(found(leased, 210), pin(22, 1), at(225))).toMatchObject({
      outcome: { refusal: 'RESERVATION_AMOUNT_DIFFERS' },
      next: leased,
    });
  });

  it('ends with the payment keeping the hold when it is stored', () => {
    const kept = decideLease(found(leased, 215), ended(true), LIMITS).next;
    expect(kept?.life).toEqual(paying.life);
    expect(decideLease(found(kept, 230), ended(false), LIMITS).next).toBe(kept);
  });

  it('ends with the hold as it was when it is not, and the payment can never pin again', () => {
    const undone = decideLease(found(leased, 220), ended(false), LIMITS).next;
    expect(undone?.life).toEqual({ state: 'HELD', expiresAt: at(320) });
    expect(decidePin(found(undone, 221), pin(21), at(236)).outcome).toMatchObject({
      refusal: 'RESERVATION_PIN_WITHDRAWN',
    });
    expect(decidePin(found(undone, 221), pin(22), at(236)).outcome).toMatchObject({ ok: true });
  });

  it.each([
    ['another payment has it by now', leased, ended(false, 20)],
    ['it was paid meanwhile', confirmed, ended(false)],
    ['it was undone meanwhile', held, ended(false)],
    ['the payment was stored meanwhile', paying, ended(false)],
  ])('is left alone when %s', (_, kept, lease) => {
    expect(decideLease(found(kept, 220), lease, LIMITS).next).toEqual(kept);
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

  it('leaves the seats sold that its payment has bought, and says so', () => {
    const { outcome, next } = decideUnpin(found(confirmed, 400), unpin, LIMITS);
    expect(outcome).toEqual({ ok: false, refusal: 'RESERVATION_ALREADY_PAID' });
    expect(next).toBe(confirmed);
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
