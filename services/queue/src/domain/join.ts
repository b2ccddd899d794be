import { asSeenAt, type Entry, type LiveEntry } from './entry.js';
import type { Room } from './room.js';

export type Joining =
  /** The person has a live place already, and keeps it. */
  | { readonly kind: 'stays'; readonly entry: LiveEntry }
  /** A new place at the end; `lapsed` is what the person had before and must end first. */
  | { readonly kind: 'takes a place'; readonly lapsed: LiveEntry | undefined }
  | { readonly kind: 'refused'; readonly refusal: 'QUEUE_ROOM_DRAINING' };

/** What asking for a place means for somebody whose live entry, if any, is `live`. */
export function decideJoining(room: Room, live: LiveEntry | undefined, now: Date): Joining {
  if (live !== undefined && isStillLive(live, room, now)) return { kind: 'stays', entry: live };
  if (room.policy.draining) return { kind: 'refused', refusal: 'QUEUE_ROOM_DRAINING' };
  return { kind: 'takes a place', lapsed: live };
}

function isStillLive(entry: Entry, room: Room, now: Date): boolean {
  return asSeenAt(entry, room, now).state === entry.state;
}
