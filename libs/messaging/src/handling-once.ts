import { isTimeout } from '@encore/database';
import { BriefMap } from './brief-map.js';
import { isAway } from './errors.js';
import type { Item } from './handler.js';
import type { Inbox } from './inbox.js';
import { RecentIds } from './recent-ids.js';

/** Handled here not long ago, and known without asking: about ten megabytes of ids. */
const RECENT_MESSAGES = 50_000;

type Handle<Result> = () => Promise<Result>;

/**
 * Handles messages once, at the price of those that come once, which nearly all do: they are taken
 * for new ones, which saves a question first and an update last. Was one of them handled before, in
 * another process or long ago, what was done is undone, and they are handled anew after asking.
 */
export class HandlingOnce {
  readonly #inbox: Pick<Inbox, 'find'>;
  readonly #recent = new RecentIds(RECENT_MESSAGES);
  /** By message id. */
  readonly #running = new BriefMap<string, Promise<unknown>>();

  constructor(inbox: Pick<Inbox, 'find'>) {
    this.#inbox = inbox;
  }

  /**
   * `handleNew` records the messages at the end of its transaction and fails when one is known;
   * `handleClaimed` claims them at its beginning. What is being handled here right now is waited
   * for, and asked for then.
   */
  async run<Result>(
    items: readonly Item[],
    handleNew: Handle<Result>,
    handleClaimed: Handle<Result>,
  ): Promise<Result> {
    const same = items.flatMap(({ message }) => this.#running.get(message.id) ?? []);
    if (same.length > 0) await Promise.allSettled(same);
    const mayBeKnown = same.length > 0 || items.some((item) => this.#mayBeKnown(item));
    const running = mayBeKnown ? handleClaimed() : this.#asIfNew(items, handleNew, handleClaimed);
    for (const { message } of items) this.#running.set(message.id, running);
    try {
      return await running;
    } finally {
      for (const { message } of items) this.#running.delete(message.id);
    }
  }

  async #asIfNew<Result>(
    items: readonly Item[],
    handleNew: Handle<Result>,
    handleClaimed: Handle<Result>,
  ): Promise<Result> {
    try {
      const result = await handleNew();
      for (const { message } of items) this.#recent.add(message.id);
      return result;
    } catch (error) {
      if (isAway(error) || isTimeout(error) || !(await this.#areKnown(items))) throw error;
      return handleClaimed();
    }
  }

  /** It is here again, was handed out before, or came back up the ladder: ask before handling. */
  #mayBeKnown({ delivery, message }: Item): boolean {
    return delivery.redelivered || message.headers.attempt > 1 || this.#recent.has(message.id);
  }

  /** A fault may come from doing something a second time, and then it is none. */
  async #areKnown(items: readonly Item[]): Promise<boolean> {
    return (await this.#inbox.find(items.map(({ message }) => message.id))).length > 0;
  }
}
