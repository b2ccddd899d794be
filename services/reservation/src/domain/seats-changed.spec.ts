import { describe, expect, it } from '@jest/globals';
import type { Life, Reservation } from './reservation.js';
import { noteChange, type SeatChanges } from './seats-changed.js';

const NOW = Date.parse('2026-06-01T12:00:00.000Z');

function reservation(life: Life): Reservation {
  const seat = { seatId: 7, seatNumber: 7, priceKrw: 10_000 };
  return {
    reservationId: 1,
    userId: 1,
    scheduleId: 1,
    createdAt: new Date(NOW),
    extended: false,
    life,
    seats: [{ ...seat, cancelled: false, refundId: null, refunded: false }],
    withdrawnPaymentIds: [],
  };
}
const heldFor = (seconds: number) =>
  reservation({ state: 'HELD', expiresAt: new Date(NOW + seconds * 1_000) });
const payingWith = (seconds: number) =>
  reservation({
    state: 'PAYING',
    paymentId: 1,
    remainingMilliseconds: seconds * 1_000,
    leaseEndsAt: null,
  });

function changesOf(before: Reservation, after: Reservation): SeatChanges {
  const changes: SeatChanges = { ownedDelta: 0, seats: new Map() };
  noteChange(changes, { before, after });
  return changes;
}

describe('what others see of a payment', () => {
  it('is nothing while the hold would not have lapsed for minutes', () => {
    expect(changesOf(heldFor(200), payingWith(200)).seats.size).toBe(0);
  });

  it('is a hold without an end where the old end is near', () => {
    const { seats, ownedDelta } = changesOf(heldFor(90), payingWith(90));
    expect(seats.get(7)).toEqual({ seatNumber: 7, status: 'HELD', heldUntil: null });
    expect(ownedDelta).toBe(0);
  });

  it('is the end of the hold when it gets its time back', () => {
    const { seats } = changesOf(payingWith(200), heldFor(200));
    expect(seats.get(7)).toMatchObject({ status: 'HELD', heldUntil: '2026-06-01T12:03:20.000Z' });
  });
});
