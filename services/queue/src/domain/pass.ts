import { randomBytes, randomUUID } from 'node:crypto';
import { isGuestId, type EntryView, type PassView } from '@encore/contracts';
import { asSeenAt, isLive, type Entry, type LiveEntry } from './entry.js';
import type { Room } from './room.js';

/** What proves whose an entry is. Kept apart from the entry so that nothing else can show them. */
export interface Secrets {
  /** 53 random bits, never 0. */
  readonly tokenId: number;
  readonly tokenUuid: string;
}

/** Secrets with the entry they lead to. */
export interface Pass extends Secrets {
  readonly entry: Entry;
}

export type Binding =
  /** It is this user's already, or it has ended as a guest's and there is nothing left to give. */
  | { readonly kind: 'stands' }
  | { readonly kind: 'refused'; readonly refusal: 'QUEUE_PASS_OF_ANOTHER' }
  /** The user gets the guest's place; `lapsed` is what the user had before and must end first. */
  | {
      readonly kind: 'gives its place';
      readonly guest: LiveEntry;
      readonly lapsed: LiveEntry | undefined;
    }
  /** The user has a place, which counts; the guest's is given up and the pass leads to `own`. */
  | { readonly kind: 'leads elsewhere'; readonly guest: LiveEntry; readonly own: LiveEntry };

export function makeSecrets(): Secrets {
  // Zero comes up once in 2^53 times and then counts as one.
  const tokenId = Math.max(1, Number(randomBytes(8).readBigUInt64BE() >> 11n));
  return { tokenId, tokenUuid: randomUUID() };
}

/** What it means that `userId`, whose live entry in the room is `own`, says the pass is his. */
export function decideBinding(
  { entry }: Pass,
  { userId, own, room, now }: { userId: number; own: LiveEntry | undefined; room: Room; now: Date },
): Binding {
  if (!isGuestId(entry.userId)) {
    if (entry.userId === userId) return { kind: 'stands' };
    return { kind: 'refused', refusal: 'QUEUE_PASS_OF_ANOTHER' };
  }
  const guest = asSeenAt(entry, room, now);
  if (!isLive(guest)) return { kind: 'stands' };
  if (own === undefined) return { kind: 'gives its place', guest, lapsed: undefined };
  return isLive(asSeenAt(own, room, now))
    ? { kind: 'leads elsewhere', guest, own }
    : { kind: 'gives its place', guest, lapsed: own };
}

/** A pass as whoever shows one of its secrets sees it. */
export function viewOfPass({ tokenId, tokenUuid }: Secrets, entry: EntryView): PassView {
  return { tokenId, tokenUuid, isGuest: isGuestId(entry.userId), entry };
}
