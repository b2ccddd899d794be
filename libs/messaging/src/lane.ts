import type { Handler, Item } from './handler.js';

export interface LaneLimits {
  readonly batchMaxMessages: number;
  readonly batchesPerType: number;
  readonly eachConcurrency: number;
}

/**
 * Messages of one type on their way to their handler. A batch is what gathered while the last one
 * ran: alone, a message is a batch of one and waits for nothing. Its length is bounded by what the
 * queue's consumer takes unacked.
 */
export class Lane {
  readonly handler: Handler;
  readonly #process: (handler: Handler, items: readonly Item[]) => Promise<void>;
  readonly #batchMax: number;
  readonly #concurrency: number;
  #gathered: Item[] = [];
  #running = 0;
  #scheduled = false;

  constructor(
    handler: Handler,
    limits: LaneLimits,
    process: (handler: Handler, items: readonly Item[]) => Promise<void>,
  ) {
    this.handler = handler;
    this.#process = process;
    this.#batchMax = handler.each ? 1 : limits.batchMaxMessages;
    this.#concurrency = handler.each ? limits.eachConcurrency : limits.batchesPerType;
  }

  push(item: Item): void {
    this.#gathered.push(item);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // What arrives in the same read of the socket belongs into the same batch.
    setImmediate(() => {
      this.#scheduled = false;
      this.#runWhileFree();
    });
  }

  #runWhileFree(): void {
    while (this.#running < this.#concurrency && this.#gathered.length > 0) {
      const batch = this.#gathered.slice(0, this.#batchMax);
      this.#gathered = this.#gathered.slice(this.#batchMax);
      void this.#run(batch);
    }
  }

  async #run(batch: readonly Item[]): Promise<void> {
    this.#running += 1;
    try {
      await this.#process(this.handler, batch);
    } finally {
      this.#running -= 1;
      this.#runWhileFree();
    }
  }
}
