import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  brokenPromises,
  openReservations,
  schedule,
  type ReservationInstance,
} from '../reservation.fixture.js';

let service: ReservationInstance;
let another: () => ReservationInstance;
let close: () => Promise<void>;
let nextScheduleId = 1;
let nextPaymentId = 1;

beforeAll(async () => {
  ({ instance: service, another, close } = await openReservations());
});
afterEach(async () => {
  expect(await brokenPromises(service.database)).toEqual([]);
});
afterAll(() => close());

async function held(...seatNumbers: number[]): Promise<{
  scheduleId: number;
  reservationId: number;
  paymentId: number;
}> {
  const scheduleId = nextScheduleId++;
  await service.publish(schedule(scheduleId, { seatCount: 5 }));
  const reservationId = await service.held(1, scheduleId, ...seatNumbers);
  return { scheduleId, reservationId, paymentId: nextPaymentId++ };
}

async function paid(...seatNumbers: number[]) {
  const ids = await held(...seatNumbers);
  await service.pin(1, ids.reservationId, ids.paymentId);
  await service.confirm(ids.reservationId, ids.paymentId, seatNumbers.length * 10_000);
  return ids;
}

/** What the seats looked like in the last announcement. */
function announced() {
  const { seatsLeft, seats } = service.announcements.all.at(-1) ?? { seats: [] };
  return { seatsLeft, statuses: seats.map(({ status }) => status) };
}

describe('paying for a reservation', () => {
  it('pins, which nobody sees of a hold with time to spare, then sells', async () => {
    const { reservationId, paymentId } = await held(1, 2);
    const before = service.announcements.all.length;
    expect(await service.pin(1, reservationId, paymentId)).toMatchObject({
      ok: true,
      value: { amountKrw: 20_000, seats: [{ seatNumber: 1 }, { seatNumber: 2 }] },
    });
    expect(service.announcements.all).toHaveLength(before);
    expect(await service.confirm(reservationId, paymentId, 20_000)).toMatchObject({ ok: true });
    expect(announced()).toEqual({ seatsLeft: 3, statuses: ['SOLD', 'SOLD'] });
    expect(await service.view(reservationId)).toMatchObject({ state: 'CONFIRMED', paymentId });
  });

  it('cannot expire while the payment runs', async () => {
    const { scheduleId, reservationId, paymentId } = await held(1);
    await service.pin(1, reservationId, paymentId);
    const wish = { userId: 2, scheduleId, seats: { seatNumbers: [1] } };
    expect(await service.hold(wish)).toMatchObject([{ refusal: 'RESERVATION_SEATS_TAKEN' }]);
    expect(await service.cancel(1, reservationId)).toMatchObject({
      refusal: 'RESERVATION_PAYMENT_RUNNING',
    });
  });

  it('gives a failed payment’s hold its time back, and to another payment its chance', async () => {
    const { reservationId, paymentId } = await held(1);
    await service.pin(1, reservationId, paymentId);
    await service.unpin(reservationId, paymentId);
    const view = await service.view(reservationId);
    expect(view).toMatchObject({ state: 'HELD', paymentId: null });
    expect(Date.parse(view.expiresAt ?? '')).toBeGreaterThan(Date.parse(view.createdAt) + 299_000);
    expect(await service.pin(1, reservationId, nextPaymentId++)).toMatchObject({ ok: true });
  });

  it('refuses a pin that comes after its undo', async () => {
    const { reservationId, paymentId } = await held(1);
    await service.unpin(reservationId, paymentId);
    expect(await service.pin(1, reservationId, paymentId)).toMatchObject({
      refusal: 'RESERVATION_PIN_WITHDRAWN',
    });
    expect(await service.view(reservationId)).toMatchObject({ state: 'HELD' });
  });

  it('remembers the undo of a payment for a reservation that does not exist yet', async () => {
    const { scheduleId, reservationId, paymentId } = await held(1);
    await service.unpin(reservationId + 1, paymentId);
    const next = await service.held(1, scheduleId, 2);
    expect(next).toBe(reservationId + 1);
    expect(await service.pin(1, next, paymentId)).toMatchObject({
      refusal: 'RESERVATION_PIN_WITHDRAWN',
    });
  });

  it('lets one of many payments that come at once pin it', async () => {
    const { reservationId } = await held(1);
    const instances = [another(), another(), another()];
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (instances[index % 3] ?? service).pin(1, reservationId, nextPaymentId++),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal]));
    expect(new Set(refusals)).toEqual(new Set(['RESERVATION_PAYMENT_RUNNING']));
  });
});

describe('a payment that comes too late', () => {
  it('does not touch the seats the next buyer has', async () => {
    const { scheduleId, reservationId, paymentId } = await held(1);
    await service.pin(1, reservationId, paymentId);
    await service.unpin(reservationId, paymentId);
    await service.lapse(reservationId);
    const next = await service.held(2, scheduleId, 1);
    const before = await service.view(next);

    expect(await service.confirm(reservationId, paymentId, 10_000)).toMatchObject({
      refusal: 'RESERVATION_NOT_PINNED',
    });
    expect(await service.confirm(next, paymentId, 10_000)).toMatchObject({
      refusal: 'RESERVATION_NOT_PINNED',
    });
    expect(await service.unpin(reservationId, paymentId)).toMatchObject({ ok: true });
    expect(await service.unpin(next, paymentId)).toMatchObject({ ok: true });
    expect(await service.cancel(1, reservationId)).toMatchObject({
      refusal: 'RESERVATION_EXPIRED',
    });
    expect(await service.pin(1, reservationId, nextPaymentId++)).toMatchObject({
      refusal: 'RESERVATION_EXPIRED',
    });
    expect(await service.view(next)).toEqual(before);
  });

  it('does not undo what its successor has pinned', async () => {
    const { reservationId, paymentId } = await held(1);
    await service.pin(1, reservationId, paymentId);
    await service.unpin(reservationId, paymentId);
    const successor = nextPaymentId++;
    await service.pin(1, reservationId, successor);
    await service.unpin(reservationId, paymentId);
    expect(await service.view(reservationId)).toMatchObject({
      state: 'PAYING',
      paymentId: successor,
    });
  });

  it('is refused when it wants to undo what it has sold, and leaves nothing behind', async () => {
    const { reservationId, paymentId } = await paid(1);
    const sold = { refusal: 'RESERVATION_ALREADY_PAID' };
    expect(await service.unpin(reservationId, paymentId)).toMatchObject(sold);
    expect(await service.view(reservationId)).toMatchObject({ state: 'CONFIRMED' });
    expect(await service.pin(1, reservationId, paymentId)).toMatchObject({ ok: true });
    await service.cancel(1, reservationId);
    expect(await service.unpin(reservationId, paymentId)).toMatchObject(sold);
  });
});

describe('cancelling and refunding', () => {
  it('frees the seats of a cancelled reservation at once, and only once', async () => {
    const { scheduleId, reservationId } = await paid(1, 2);
    const first = await service.cancel(1, reservationId);
    expect(first).toMatchObject({ ok: true, value: { state: 'CANCELLED' } });
    expect(announced()).toEqual({ seatsLeft: 5, statuses: ['FREE', 'FREE'] });
    const next = await service.held(2, scheduleId, 1);
    expect(await service.cancel(1, reservationId)).toEqual(first);
    expect(await service.view(next)).toMatchObject({ state: 'HELD' });
  });

  it('refunds one seat and leaves the other sold', async () => {
    const { scheduleId, reservationId, paymentId } = await paid(1, 2);
    const refund = { reservationId, paymentId, refundId: 501, seatNumbers: [2] };
    expect(await service.cancelForRefund(refund)).toEqual({
      ok: true,
      value: { amountKrw: 10_000, state: 'CONFIRMED' },
    });
    expect(announced()).toEqual({ seatsLeft: 4, statuses: ['FREE'] });
    await service.held(2, scheduleId, 2);
    expect(await service.cancelForRefund(refund)).toMatchObject({ ok: true });
    await service.markRefunded(reservationId, 501);
    expect(await service.view(reservationId)).toMatchObject({
      state: 'CONFIRMED',
      seats: [{ cancelled: false }, { cancelled: true }],
    });
    const rest = { reservationId, paymentId, refundId: 502, seatNumbers: [1] };
    expect(await service.cancelForRefund(rest)).toMatchObject({ value: { state: 'CANCELLED' } });
    await service.markRefunded(reservationId, 502);
    expect(await service.view(reservationId)).toMatchObject({ state: 'REFUNDED' });
  });

  it('gives a seat to one of two refunds that come at once', async () => {
    const { reservationId, paymentId } = await paid(1, 2);
    const outcomes = await Promise.all(
      [another(), another()].map((instance, index) =>
        instance.cancelForRefund({
          reservationId,
          paymentId,
          refundId: 601 + index,
          seatNumbers: [1, 2],
        }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(outcomes.find((outcome) => !outcome.ok)).toMatchObject({
      refusal: 'RESERVATION_SEATS_ALREADY_REFUNDED',
    });
  });

  it('refunds what its owner cancelled, though the next buyer has the seats by now', async () => {
    const { scheduleId, reservationId, paymentId } = await paid(1);
    await service.cancel(1, reservationId);
    const next = await service.held(2, scheduleId, 1);
    const refund = { reservationId, paymentId, refundId: 701, seatNumbers: [1] };
    expect(await service.cancelForRefund(refund)).toMatchObject({ value: { state: 'CANCELLED' } });
    await service.markRefunded(reservationId, 701);
    expect(await service.view(reservationId)).toMatchObject({ state: 'REFUNDED' });
    expect(await service.view(next)).toMatchObject({ state: 'HELD' });
  });
});

describe('extending a hold', () => {
  it('gives the full time once and announces the new end', async () => {
    const { reservationId } = await held(1);
    const outcome = await service.extend(1, reservationId);
    expect(outcome).toMatchObject({ ok: true, value: { extended: true, state: 'HELD' } });
    expect(service.announcements.all.at(-1)?.seats[0]).toMatchObject({
      status: 'HELD',
      heldUntil: outcome.ok ? outcome.value.expiresAt : '',
    });
    expect(await service.extend(1, reservationId)).toMatchObject({
      refusal: 'RESERVATION_ALREADY_EXTENDED',
    });
  });
});
