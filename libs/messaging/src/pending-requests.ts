import type { AnswerBody } from './answers.js';
import { BriefMap } from './brief-map.js';

export interface PendingRequest {
  readonly key: string;
  readonly service: string;
  readonly fingerprint: string | undefined;
  readonly deadline: number;
  /** True from the moment the request may have left this process. */
  sent: boolean;
  readonly resolve: (answer: AnswerBody) => void;
  readonly reject: (error: Error) => void;
}

interface Pending {
  readonly request: PendingRequest;
  /** The keys of those that are late at the same tick. */
  readonly bucket: Set<string>;
}

const TICK_MS = 25;

/**
 * Requests whose answer is awaited, and one coarse timer for all their deadlines: thousands of
 * requests a second would otherwise each set and clear a timer of their own. It runs while there
 * are any: a service that asks nobody is not woken for nothing. Ticks are counted on the clock that
 * never steps, so that nobody waits an hour because the time of day was set back.
 */
export class PendingRequests {
  readonly #byKey = new BriefMap<string, Pending>();
  readonly #byTick = new Map<number, Set<string>>();
  readonly #onLate: (late: PendingRequest) => void;
  #timer: NodeJS.Timeout | undefined;
  #lastTick = 0;

  constructor(onLate: (late: PendingRequest) => void) {
    this.#onLate = onLate;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): PendingRequest | undefined {
    return this.#byKey.get(key)?.request;
  }

  add(request: PendingRequest): void {
    this.#beginTicking();
    const deadline = performance.now() + (request.deadline - Date.now());
    // Never into a tick that is over, or nobody would look there again.
    const tick = Math.max(tickOf(deadline), this.#lastTick + 1);
    const bucket = this.#byTick.get(tick) ?? new Set();
    this.#byTick.set(tick, bucket.add(request.key));
    this.#byKey.set(request.key, { request, bucket });
  }

  /** Takes a request out, unless it is over already. */
  take(key: string): PendingRequest | undefined {
    const pending = this.#byKey.take(key);
    pending?.bucket.delete(key);
    return pending?.request;
  }

  /** Takes out this very request; false when it is over already. */
  remove(request: PendingRequest): boolean {
    return this.get(request.key) === request && this.take(request.key) !== undefined;
  }

  all(): PendingRequest[] {
    return [...this.#byKey.values()].map(({ request }) => request);
  }

  #beginTicking(): void {
    if (this.#timer !== undefined) return;
    this.#lastTick = ticksOver(performance.now());
    this.#timer = setInterval(() => this.#expire(), TICK_MS);
  }

  #expire(): void {
    const now = ticksOver(performance.now());
    // After a long pause of the process there may be many ticks to catch up with.
    for (let tick = this.#lastTick + 1; tick <= now; tick += 1) {
      const bucket = this.#byTick.get(tick);
      if (bucket === undefined) continue;
      this.#byTick.delete(tick);
      for (const key of bucket) {
        const late = this.take(key);
        if (late !== undefined) this.#onLate(late);
      }
    }
    this.#lastTick = Math.max(now, this.#lastTick);
    if (this.#byKey.size > 0) return;
    this.#byTick.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** The first tick that is not before this instant: nobody is given up early. */
function tickOf(milliseconds: number): number {
  return Math.ceil(milliseconds / TICK_MS);
}

function ticksOver(milliseconds: number): number {
  return Math.floor(milliseconds / TICK_MS);
}
