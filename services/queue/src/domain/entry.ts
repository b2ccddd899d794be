import { attendedSince, type Room } from './room.js';

interface TakenPlace {
  readonly entryId: number;
  readonly roomId: string;
  readonly userId: number;
  readonly place: number;
  readonly joinedAt: Date;
  readonly lastSeenAt: Date;
}

export interface WaitingEntry extends TakenPlace {
  readonly state: 'WAITING';
}

export interface ActiveEntry extends TakenPlace {
  readonly state: 'ACTIVE';
  readonly activeUntil: Date;
}

export type EndState = 'USED' | 'EXPIRED' | 'LEFT';

export interface EndedEntry extends TakenPlace {
  readonly state: EndState;
  /** Null when it was never admitted. */
  readonly activeUntil: Date | null;
  readonly endedAt: Date;
}

export type LiveEntry = WaitingEntry | ActiveEntry;
export type Entry = LiveEntry | EndedEntry;

export function isLive(entry: Entry): entry is LiveEntry {
  return entry.state === 'WAITING' || entry.state === 'ACTIVE';
}

/** When a live entry ends unless its owner polls (waiting) or pays (active). */
export function lapsesAt(entry: LiveEntry, room: Room, now: Date): Date {
  if (entry.state === 'ACTIVE') return entry.activeUntil;
  const heardSince = Math.max(entry.lastSeenAt.getTime(), attendedSince(room, now).getTime());
  return new Date(heardSince + room.policy.graceSeconds * 1_000);
}

/**
 * The entry as anybody may see it now: past its time it is EXPIRED, also before a sweep wrote so.
 */
export function asSeenAt(entry: Entry, room: Room, now: Date): Entry {
  if (!isLive(entry)) return entry;
  const endedAt = lapsesAt(entry, room, now);
  if (endedAt > now) return entry;
  const activeUntil = entry.state === 'ACTIVE' ? entry.activeUntil : null;
  return { ...entry, state: 'EXPIRED', activeUntil, endedAt };
}

/**
 * What a completed payment makes of the entry it was paid under: null when nothing is left to
 * change. Money has moved, so no timing is a reason to refuse: an entry that lapsed meanwhile is
 * recorded as USED. Only a LEFT entry stays what its owner made it.
 */
export function stateAfterPayment(entry: Entry): 'USED' | null {
  return entry.state === 'LEFT' || entry.state === 'USED' ? null : 'USED';
}
