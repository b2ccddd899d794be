import type { AnswerBody } from './answers.js';

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

const TICK_MS = 25;

/**
 * Requests whose answer is awaited, and one coarse timer for all their deadlines: thousands of
 * requests a second would otherwise each set and clear a timer of their own.
 */
export class PendingRequests {
  readonly #byKey = new Map<string, PendingRequest>();
  readonly #byTick = new Map<number, PendingRequest[]>();
  readonly #onLate: (late: PendingRequest) => void;
  #timer: NodeJS.Timeout | undefined;
  #lastTick = ticksOver(Date.now());

  constructor(onLate: (late: PendingRequest) => void) {
    this.#onLate = onLate;
  }

  start(): void {
    this.#lastTick = ticksOver(Date.now());
    this.#timer = setInterval(() => this.#expire(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): PendingRequest | undefined {
    return this.#byKey.get(key);
  }

  add(request: PendingRequest): void {
    this.#byKey.set(request.key, request);
    // Never into a tick that is over, or nobody would look there again.
    const tick = Math.max(tickOf(request.deadline), this.#lastTick + 1);
    const bucket = this.#byTick.get(tick);
    if (bucket === undefined) this.#byTick.set(tick, [request]);
    else bucket.push(request);
  }

  /** Takes a request out, unless it is over already. */
  take(key: string): PendingRequest | undefined {
    const request = this.#byKey.get(key);
    this.#byKey.delete(key);
    return request;
  }

  /** Takes out this very request; false when it is over already. */
  remove(request: PendingRequest): boolean {
    if (this.#byKey.get(request.key) !== request) return false;
    return this.#byKey.delete(request.key);
  }

  all(): PendingRequest[] {
    return [...this.#byKey.values()];
  }

  #expire(): void {
    const now = ticksOver(Date.now());
    // After a long pause of the process there may be many ticks to catch up with.
    for (let tick = this.#lastTick + 1; tick <= now; tick += 1) {
      const bucket = this.#byTick.get(tick);
      if (bucket === undefined) continue;
      this.#byTick.delete(tick);
      for (const request of bucket) if (this.remove(request)) this.#onLate(request);
    }
    this.#lastTick = Math.max(now, this.#lastTick);
  }
}

/** The first tick that is not before this instant: nobody is given up early. */
function tickOf(milliseconds: number): number {
  return Math.ceil(milliseconds / TICK_MS);
}

function ticksOver(milliseconds: number): number {
  return Math.floor(milliseconds / TICK_MS);
}
