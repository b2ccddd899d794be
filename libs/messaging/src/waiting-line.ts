/** Holes at the front are closed when they are at least this many and more than half of it all. */
const COMPACT_AFTER = 1_024;

/** First come, first served. Taking one costs the same however many wait behind it. */
export class WaitingLine<T> {
  #waiting: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#waiting.length - this.#head;
  }

  get first(): T | undefined {
    return this.#waiting[this.#head];
  }

  push(one: T): void {
    this.#waiting.push(one);
  }

  take(): T | undefined {
    if (this.size === 0) return undefined;
    const first = this.#waiting[this.#head];
    this.#waiting[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= COMPACT_AFTER && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }
}
