import type { EntryView, RoomView } from '@encore/contracts';
import { asSeenAt, lapsesAt, type Entry, type WaitingEntry } from './entry.js';
import {
  nextPollWhenEnded,
  nextPollWhileActive,
  nextPollWhileWaiting,
  type Pacing,
} from './pacing.js';
import { positionOf, type Head } from './position.js';
import { measuredRate, rateOfTheLine } from './rate.js';
import type { Room } from './room.js';

/** Everything an entry is described against. */
export interface Surroundings {
  readonly room: Room;
  readonly head: Head;
  readonly now: Date;
  readonly pacing: Pacing;
  readonly random: () => number;
}

type Standing = Pick<
  EntryView,
  | 'position'
  | 'positionIsExact'
  | 'estimatedWaitSeconds'
  | 'nextPollMs'
  | 'activeUntil'
  | 'lapsesAt'
>;

function standingOfWaiter(entry: WaitingEntry, around: Surroundings): Standing {
  const { room, head, now, pacing, random } = around;
  const { position, isExact } = positionOf(entry.place, head, room);
  const rate = rateOfTheLine(room, now);
  const estimatedWaitSeconds = rate === null ? null : Math.ceil(position / rate);
  const { graceSeconds } = room.policy;
  return {
    position,
    positionIsExact: isExact,
    estimatedWaitSeconds,
    nextPollMs: nextPollWhileWaiting(
      { position, estimatedWaitSeconds, graceSeconds },
      pacing,
      random,
    ),
    activeUntil: null,
    lapsesAt: lapsesAt(entry, room, now).toISOString(),
  };
}

function standingOf(entry: Entry, around: Surroundings): Standing {
  const { now, pacing, random } = around;
  switch (entry.state) {
    case 'WAITING':
      return standingOfWaiter(entry, around);
    case 'ACTIVE': {
      const remainingMs = entry.activeUntil.getTime() - now.getTime();
      return {
        position: 0,
        positionIsExact: true,
        estimatedWaitSeconds: 0,
        nextPollMs: nextPollWhileActive(remainingMs, pacing, random),
        activeUntil: entry.activeUntil.toISOString(),
        lapsesAt: entry.activeUntil.toISOString(),
      };
    }
    case 'USED':
    case 'EXPIRED':
    case 'LEFT':
      return {
        position: 0,
        positionIsExact: true,
        estimatedWaitSeconds: null,
        nextPollMs: nextPollWhenEnded(pacing, random),
        activeUntil: entry.activeUntil?.toISOString() ?? null,
        lapsesAt: entry.endedAt.toISOString(),
      };
  }
}

/** An entry as its owner sees it at this instant. */
export function viewOfEntry(stored: Entry, around: Surroundings): EntryView {
  const entry = asSeenAt(stored, around.room, around.now);
  return {
    entryId: entry.entryId,
    roomId: entry.roomId,
    userId: entry.userId,
    state: entry.state,
    joinedAt: entry.joinedAt.toISOString(),
    ...standingOf(entry, around),
  };
}

export function viewOfRoom(room: Room, now: Date): RoomView {
  return {
    roomId: room.roomId,
    policy: room.policy,
    waiting: room.waiting,
    active: room.active,
    admissionsPerSecondMeasured: measuredRate(room, now),
    seatsLeft: room.seatsLeft,
  };
}
