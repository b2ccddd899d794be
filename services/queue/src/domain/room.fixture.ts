import { burst } from './admission.js';
import type { ActiveEntry, WaitingEntry } from './entry.js';
import { DEFAULT_POLICY, type Room } from './room.js';

/** A moment at the beginning of a five-second bucket. */
export const noon = new Date('2026-11-20T12:00:00.000Z');

export function after(seconds: number, from: Date = noon): Date {
  return new Date(from.getTime() + seconds * 1_000);
}

type RoomChanges = Partial<Omit<Room, 'policy'>> & { policy?: Partial<Room['policy']> };

/** An empty room as it is right after its creation at noon. */
export function room(changes: RoomChanges = {}): Room {
  const policy = { ...DEFAULT_POLICY, ...changes.policy };
  return {
    roomId: 'hall',
    lastPlace: 0,
    waiting: 0,
    active: 0,
    tokens: burst(policy),
    tokensAt: noon,
    attendedAt: noon,
    attendedSince: after(-3_600),
    backlogSince: null,
    sweptPlace: 0,
    sweptAt: noon,
    seatsLeft: null,
    admissions: [],
    ...changes,
    policy,
  };
}

export function waiter(changes: Partial<WaitingEntry> = {}): WaitingEntry {
  return {
    entryId: 1,
    roomId: 'hall',
    userId: 7,
    place: 1,
    joinedAt: noon,
    lastSeenAt: noon,
    ...changes,
    state: 'WAITING',
  };
}

export function activeEntry(changes: Partial<ActiveEntry> = {}): ActiveEntry {
  return { ...waiter(), activeUntil: after(300), ...changes, state: 'ACTIVE' };
}
