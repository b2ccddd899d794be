import type { Delivery } from './delivery.js';
import type { Handler, Item } from './handler.js';
import type { Underway } from './underway.js';

export interface LaneLimits {
  readonly batchMaxMessages: number;
  readonly batchesPerType: number;
  readonly eachConcurrency: number;
  /** Envelopes in work or waiting; whoever pushes asks first whether there is room. */
  readonly places: number;
  readonly convoyWaitMs: number;
}

/**
 * Messages of one type on their way to their handler. A batch is what gathered while the last one
 * ran: alone, a message is a batch of one and waits for nothing.
 *
 * What begins a longer way, on which its answer is deferred, goes that way as one convoy, at every
 * step of which it costs as much as a single message. So a batch of these waits a moment until it
 * is as large as what is under way: one after the other each starts at once, and of many at a time
 * half are under way while the other half gather.
 */
export class Lane {
  readonly handler: Handler;
  readonly #process: (handler: Handler, items: readonly Item[]) => Promise<void>;
  readonly #batchMax: number;
  readonly #concurrency: number;
  readonly #places: number;
  readonly #convoyWaitMs: number;
  readonly #underway: Pick<Underway, 'countOf'>;
  /** How many messages of each envelope are in work or wait. */
  readonly #held = new Map<Delivery, number>();
  #gathered: Item[] = [];
  #running = 0;
  #scheduled = false;
  #gatheringSince = 0;
  #waiting: NodeJS.Timeout | undefined;

  constructor(
    handler: Handler,
    limits: LaneLimits,
    process: (handler: Handler, items: readonly Item[]) => Promise<void>,
    underway: Pick<Underway, 'countOf'>,
  ) {
    this.handler = handler;
    this.#process = process;
    this.#batchMax = handler.each ? 1 : limits.batchMaxMessages;
    this.#places = limits.places;
    this.#convoyWaitMs = limits.convoyWaitMs;
    this.#underway = underway;
    this.#concurrency = handler.each ? limits.eachConcurrency : limits.batchesPerType;
  }

  /** Whether the envelope has a place here already or finds one. */
  hasRoomFor(delivery: Delivery): boolean {
    return this.#held.size < this.#places || this.#held.has(delivery);
  }

  push(item: Item): void {
    if (this.#gathered.length === 0) this.#gatheringSince = performance.now();
    this.#gathered.push(item);
    this.#held.set(item.delivery, (this.#held.get(item.delivery) ?? 0) + 1);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // What arrives in the same read of the socket belongs into the same batch.
    setImmediate(() => {
      this.#scheduled = false;
      this.runWhileFree();
    });
  }

  /** Begins what may begin: called whenever that may have changed. */
  runWhileFree(): void {
    while (this.#running < this.#concurrency && this.#gathered.length > 0 && this.#isComplete()) {
      const batch = this.#gathered.slice(0, this.#batchMax);
      this.#gathered = this.#gathered.slice(this.#batchMax);
      void this.#run(batch);
    }
  }

  /** Whether a convoy has gathered, or has waited for long enough. */
  #isComplete(): boolean {
    clearTimeout(this.#waiting);
    const wanted = Math.min(this.#underway.countOf(this.handler.type), this.#batchMax);
    const waited = performance.now() - this.#gatheringSince;
    if (this.#gathered.length >= wanted || waited >= this.#convoyWaitMs) return true;
    this.#waiting = setTimeout(() => this.runWhileFree(), this.#convoyWaitMs - waited);
    return false;
  }

  async #run(batch: readonly Item[]): Promise<void> {
    this.#running += 1;
    try {
      await this.#process(this.handler, batch);
    } finally {
      this.#running -= 1;
      for (const { delivery } of batch) this.#release(delivery);
      this.runWhileFree();
    }
  }

  #release(delivery: Delivery): void {
    const left = (this.#held.get(delivery) ?? 1) - 1;
    if (left === 0) this.#held.delete(delivery);
    else this.#held.set(delivery, left);
  }
}
