import type { RoomPolicy } from '@encore/contracts';
import type { Room } from './room.js';

/** Sums of fractions come out a hair below the whole number they stand for. */
const ROUNDING = 1e-9;

/** A burst is one second's worth of the rate; at least one, or slow rooms would never admit. */
export function burst(policy: RoomPolicy): number {
  return Math.max(1, policy.admissionsPerSecond);
}

/** What the rate allows at `now`; a clock that went back gives nothing and takes nothing. */
export function tokensAt(room: Room, now: Date): number {
  const elapsedSeconds = Math.max(0, now.getTime() - room.tokensAt.getTime()) / 1_000;
  const refilled = room.tokens + elapsedSeconds * room.policy.admissionsPerSecond;
  return Math.min(burst(room.policy), refilled);
}

/**
 * Most people who may act at one instant: the cap, and the seats left when one sale is behind it.
 */
function activeLimit(room: Room): number {
  return Math.min(room.policy.activeCap, room.seatsLeft ?? Infinity);
}

/**
 * How many of the waiting may be let in at `now`. Draining keeps newcomers out, not the waiting.
 */
export function admissible(room: Room, now: Date): number {
  if (room.policy.paused) return 0;
  const capacity = activeLimit(room) - room.active;
  const allowed = Math.floor(tokensAt(room, now) + ROUNDING);
  return Math.max(0, Math.min(room.waiting, capacity, allowed));
}

/** The room after `admitted` of the waiting became active and `noShows` were passed over. */
export function afterAdmission(room: Room, admitted: number, noShows: number, now: Date): Room {
  if (admitted === 0) return { ...room, waiting: room.waiting - noShows };
  return {
    ...room,
    waiting: room.waiting - noShows - admitted,
    active: room.active + admitted,
    tokens: Math.max(0, tokensAt(room, now) - admitted),
    tokensAt: later(room.tokensAt, now),
  };
}

/**
 * A changed policy holds from now on: what the old rate had gathered stays, up to the new burst.
 */
export function withPolicy(room: Room, policy: RoomPolicy, now: Date): Room {
  return {
    ...room,
    policy,
    tokens: Math.min(burst(policy), tokensAt(room, now)),
    tokensAt: later(room.tokensAt, now),
  };
}

function later(left: Date, right: Date): Date {
  return left > right ? left : right;
}
