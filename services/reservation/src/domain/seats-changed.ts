import type { PayloadOf, SeatsChanged } from '@encore/contracts';
import { owns, type Reservation } from './reservation.js';

export type ChangedSeat = PayloadOf<typeof SeatsChanged>['seats'][number];

/** A reservation before and after a decision; a new one has no before. */
export interface Change {
  readonly before: Reservation | undefined;
  readonly after: Reservation;
}

/** What one transaction does to the seats of one schedule. */
export interface SeatChanges {
  /** How many more seats have an owner now; negative when seats became free. */
  ownedDelta: number;
  readonly seats: Map<number, ChangedSeat>;
}

/**
 * How a seat looks from outside. One that is being paid is held, without a time at which it
 * lapses.
 */
function statusOf(reservation: Reservation | undefined, seatNumber: number): ChangedSeat {
  const seat = reservation?.seats.find((candidate) => candidate.seatNumber === seatNumber);
  if (!reservation || !seat || !owns(reservation, seat)) {
    return { seatNumber, status: 'FREE', heldUntil: null };
  }
  const { life } = reservation;
  return life.state === 'HELD'
    ? { seatNumber, status: 'HELD', heldUntil: life.expiresAt.toISOString() }
    : { seatNumber, status: life.state === 'PAYING' ? 'HELD' : 'SOLD', heldUntil: null };
}

/**
 * A hold that has this much time left when it is pinned looks the same as before: its payment has
 * ended, one way or the other, long before the old end could make its seats look free.
 */
const QUIET_PIN_MS = 120_000;

/** Adds what a change means for the seats' looks; a change that cannot be seen adds nothing. */
export function noteChange(changes: SeatChanges, { before, after }: Change): void {
  if (isQuietPin(before, after)) return;
  for (const { seatNumber } of after.seats) {
    const was = statusOf(before, seatNumber);
    const is = statusOf(after, seatNumber);
    if (was.status === is.status && was.heldUntil === is.heldUntil) continue;
    changes.seats.set(seatNumber, is);
    changes.ownedDelta += Number(is.status !== 'FREE') - Number(was.status !== 'FREE');
  }
}

function isQuietPin(before: Reservation | undefined, { life }: Reservation): boolean {
  if (before?.life.state !== 'HELD' || life.state !== 'PAYING') return false;
  return life.remainingMilliseconds >= QUIET_PIN_MS;
}

/** Adds a seat that a lapsed hold gave back. */
export function noteFreed(changes: SeatChanges, seatNumber: number): void {
  changes.seats.set(seatNumber, { seatNumber, status: 'FREE', heldUntil: null });
  changes.ownedDelta -= 1;
}
