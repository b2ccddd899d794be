import { asSeenAt, type EndState, type LiveEntry } from './entry.js';
import type { Room } from './room.js';

export type Joining =
  /** The person has a live place already, and keeps it. */
  | { readonly kind: 'stays'; readonly entry: LiveEntry }
  /** A new place at the end; `over` is what the person had before and must end first. */
  | { readonly kind: 'takes a place'; readonly over: Over | undefined }
  | { readonly kind: 'refused'; readonly refusal: 'QUEUE_ROOM_DRAINING' };

/** An entry that was live on record when its time was over or a payment had used it up. */
export interface Over {
  readonly entry: LiveEntry;
  readonly state: Extract<EndState, 'USED' | 'EXPIRED'>;
  /** The payment that used it up. */
  readonly paymentId?: number;
}

/**
 * What asking for a place means for somebody whose live entry, if any, is `live`; `paidBy` is the
 * payment known to have used that entry up.
 */
export function decideJoining(
  room: Room,
  live: LiveEntry | undefined,
  paidBy: number | undefined,
  now: Date,
): Joining {
  const over = live === undefined ? undefined : endOf(live, paidBy, room, now);
  if (live !== undefined && over === undefined) return { kind: 'stays', entry: live };
  if (room.policy.draining) return { kind: 'refused', refusal: 'QUEUE_ROOM_DRAINING' };
  return { kind: 'takes a place', over };
}

function endOf(
  entry: LiveEntry,
  paidBy: number | undefined,
  room: Room,
  now: Date,
): Over | undefined {
  if (paidBy !== undefined) return { entry, state: 'USED', paymentId: paidBy };
  return asSeenAt(entry, room, now).state === 'EXPIRED' ? { entry, state: 'EXPIRED' } : undefined;
}
