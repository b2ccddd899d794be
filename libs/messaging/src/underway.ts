import { BriefMap } from './brief-map.js';
import type { WireMessage } from './envelope.js';
import { askedOf, type Asked } from './reply-publisher.js';

/** What was begun so long ago is not waited for: it may have ended elsewhere, or not for long. */
const COUNTED_FOR_MS = 1_000;

interface Begun {
  readonly type: string;
  readonly at: number;
  /** Undefined when nobody waits for the answer. */
  readonly asked: Asked | undefined;
}

/**
 * Requests whose answer is deferred, from the commit of their beginning to that of their answer:
 * how many of each type have begun here not long ago and are still under way, and who asked.
 */
export class Underway {
  /** By message id, in the order in which they began. */
  readonly #begun = new BriefMap<string, Begun>();
  readonly #counts = new Map<string, number>();
  readonly #listeners: (() => void)[] = [];

  begin(requests: readonly WireMessage[]): void {
    const at = performance.now();
    for (const request of requests) {
      const { id, type } = request;
      this.#forget(id);
      this.#begun.set(id, { type, at, asked: askedOf(request) });
      this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
    }
  }

  /** Who asked, as far as it is remembered. */
  callersOf(messageIds: readonly string[]): Map<string, Asked | undefined> {
    const callers = new Map<string, Asked | undefined>();
    for (const id of messageIds) {
      const begun = this.#begun.get(id);
      if (begun !== undefined) callers.set(id, begun.asked);
    }
    return callers;
  }

  end(messageIds: readonly string[]): void {
    for (const id of messageIds) this.#forget(id);
    for (const listener of this.#listeners) listener();
  }

  countOf(type: string): number {
    const before = performance.now() - COUNTED_FOR_MS;
    for (const [id, { at }] of this.#begun.entries()) {
      if (at > before) break;
      this.#forget(id);
    }
    return this.#counts.get(type) ?? 0;
  }

  /** Told whenever some have ended. */
  onEnd(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #forget(id: string): void {
    const begun = this.#begun.take(id);
    if (begun === undefined) return;
    this.#counts.set(begun.type, (this.#counts.get(begun.type) ?? 1) - 1);
  }
}
