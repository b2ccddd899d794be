import type { UsedEntry } from '@encore/contracts';
import { LRUCache } from 'lru-cache';

export interface ActiveEntry {
  readonly entryId: number;
  readonly activeUntilMs: number;
}

export type EndedState = 'USED' | 'EXPIRED' | 'LEFT';

/**
 * What the gateway remembers about entries. An active one is forgotten when its time is over or
 * when it is pushed out; that costs a question to the queue service, never a wrong answer. That an
 * entry ended is a fact that stays true: it also outweighs older news that arrive later.
 */
export class ActiveEntries {
  private readonly active: LRUCache<string, ActiveEntry>;
  private readonly ended: LRUCache<number, EndedState>;
  private readonly paid: LRUCache<string, UsedEntry>;

  constructor(maxEntries: number) {
    this.active = new LRUCache({ max: maxEntries });
    this.ended = new LRUCache({ max: maxEntries });
    this.paid = new LRUCache({ max: maxEntries });
  }

  find(roomId: string, userId: number, nowMs: number): ActiveEntry | undefined {
    const entry = this.active.get(keyOf(roomId, userId));
    return entry !== undefined && entry.activeUntilMs > nowMs ? entry : undefined;
  }

  /** How the entry ended, as far as is remembered; undefined for one that may still be live. */
  endOf(entryId: number): EndedState | undefined {
    return this.ended.get(entryId);
  }

  admitted(roomId: string, userId: number, entry: ActiveEntry): void {
    if (this.ended.has(entry.entryId)) return;
    const key = keyOf(roomId, userId);
    const known = this.active.get(key);
    // Entry ids grow: news of an entry before the known one are old.
    if (known !== undefined && known.entryId > entry.entryId) return;
    this.active.set(key, entry);
  }

  /** Used up stays used up, whatever later news call it. */
  endedAs(roomId: string, userId: number, entryId: number, state: EndedState): void {
    if (this.ended.get(entryId) !== 'USED') this.ended.set(entryId, state);
    const key = keyOf(roomId, userId);
    if (this.active.get(key)?.entryId === entryId) this.active.delete(key);
  }

  /** A payment came to its end: its entry is used up, also before the queue service knows. */
  usedUp(roomId: string, userId: number, { entryId, paymentId }: UsedEntry): void {
    this.endedAs(roomId, userId, entryId, 'USED');
    // Only what a join tells: news of a payment say more than has to be kept.
    this.paid.set(keyOf(roomId, userId), { entryId, paymentId });
  }

  /** The entry of a person that a payment used up last, as far as is remembered. */
  lastUsedUp(roomId: string, userId: number): UsedEntry | undefined {
    return this.paid.get(keyOf(roomId, userId));
  }

  /** News may have been missed: nothing is certain any more but what has ended. */
  forgetActive(): void {
    this.active.clear();
  }
}

function keyOf(roomId: string, userId: number): string {
  return `${userId}@${roomId}`;
}
