import { isUnavailable } from '@encore/database';
import type { Logger } from './logging.js';
import type { Metrics } from './metrics.js';

export interface TickerOptions {
  /** What the work does, as metrics and logs name it: `expire-holds`. */
  readonly name: string;
  /**
   * From the end of one run to the beginning of the next, within a tenth: instances drift apart.
   */
  readonly everyMs: number;
  /** One bounded portion of work. The signal says that the process is shutting down. */
  readonly work: (signal: AbortSignal) => Promise<void>;
}

/**
 * Repeats one piece of work: never two runs at once, also when nudged. A run that fails is logged
 * and counted, and the next one comes as usual; nothing here ends the process.
 */
export class Ticker {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private started = false;
  private readonly stopping = new AbortController();

  constructor(
    private readonly options: TickerOptions,
    private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  /** The first run begins at once. */
  start(): void {
    if (this.started || this.stopping.signal.aborted) return;
    this.started = true;
    this.run();
  }

  /** Runs now instead of at the next tick; during a run, once more right after it. */
  nudge(): void {
    if (!this.started) return;
    if (this.running !== undefined) this.again = true;
    else this.run();
  }

  /** No further run begins; resolves when the current one has ended. */
  async stop(): Promise<void> {
    this.started = false;
    this.stopping.abort(new Error(`${this.options.name} is being stopped`));
    clearTimeout(this.timer);
    await this.running;
  }

  private run(): void {
    clearTimeout(this.timer);
    this.again = false;
    this.running = this.attempt().finally(() => {
      this.running = undefined;
      if (!this.started) return;
      if (this.again) this.run();
      else this.schedule();
    });
  }

  private schedule(): void {
    const jitter = 0.9 + Math.random() / 5;
    this.timer = setTimeout(() => this.run(), this.options.everyMs * jitter);
  }

  private async attempt(): Promise<void> {
    const startedAt = performance.now();
    let outcome: 'done' | 'unavailable' | 'failed' = 'done';
    try {
      await this.options.work(this.stopping.signal);
    } catch (error) {
      outcome = isUnavailable(error) ? 'unavailable' : 'failed';
      if (this.stopping.signal.aborted) return;
      const level = outcome === 'unavailable' ? 'warn' : 'error';
      this.logger[level]({ err: error, ticker: this.options.name }, `${this.options.name} failed`);
    } finally {
      const seconds = (performance.now() - startedAt) / 1_000;
      this.metrics.periodicRun({ name: this.options.name, outcome, seconds });
    }
  }
}

/**
 * The periodic work of a process, as one thing to start and stop: sweepers register here, the kit
 * starts them once messages flow and stops them first when the process drains.
 */
export class PeriodicWork {
  private readonly tickers: Ticker[] = [];
  private started = false;

  constructor(
    private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  runPeriodically(options: TickerOptions): Ticker {
    const ticker = new Ticker(options, this.logger, this.metrics);
    this.tickers.push(ticker);
    if (this.started) ticker.start();
    return ticker;
  }

  start(): void {
    this.started = true;
    for (const ticker of this.tickers) ticker.start();
  }

  async stop(): Promise<void> {
    this.started = false;
    await Promise.all(this.tickers.map((ticker) => ticker.stop()));
  }
}
