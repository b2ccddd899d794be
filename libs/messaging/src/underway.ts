/** What was begun so long ago is not waited for: it may have ended elsewhere, or not for long. */
const COUNTED_FOR_MS = 1_000;

interface Begun {
  readonly type: string;
  readonly at: number;
}

/**
 * Requests whose answer is deferred, from the commit of their beginning to that of their answer:
 * how many of each type have begun here not long ago and are still under way.
 */
export class Underway {
  /** By message id, in the order in which they began. */
  readonly #begun = new Map<string, Begun>();
  readonly #counts = new Map<string, number>();
  readonly #listeners: (() => void)[] = [];

  begin(type: string, messageIds: readonly string[]): void {
    const at = performance.now();
    for (const id of messageIds) {
      if (this.#begun.has(id)) continue;
      this.#begun.set(id, { type, at });
      this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
    }
  }

  end(messageIds: readonly string[]): void {
    for (const id of messageIds) this.#forget(id);
    for (const listener of this.#listeners) listener();
  }

  countOf(type: string): number {
    const before = performance.now() - COUNTED_FOR_MS;
    for (const [id, { at }] of this.#begun) {
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
    const begun = this.#begun.get(id);
    if (begun === undefined) return;
    this.#begun.delete(id);
    this.#counts.set(begun.type, (this.#counts.get(begun.type) ?? 1) - 1);
  }
}
