import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PrivateAnswer } from './http-server.js';
import type { Logger } from './logging.js';

/** What a scrape reads about one queue. */
export interface QueueReading {
  readonly queue: string;
  readonly ready: number;
  readonly unacknowledged: number | null;
  readonly consumers: number;
  /** Null when the oldest message's age isn't known; 0 for an empty queue. */
  readonly oldestAgeSeconds: number | null;
}

/** What a scrape reads about the outbox. */
export interface OutboxReading {
  readonly waiting: number;
  readonly oldestAgeSeconds: number;
}

/** What a scrape reads about the sagas of one name in one state. */
export interface SagaReading {
  readonly saga: string;
  readonly state: string;
  readonly count: number;
  readonly oldestAgeSeconds: number;
}

const FAST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** The metrics of one process, on the private port. Names and meanings are declared here, once. */
export class Metrics {
  readonly registry = new Registry();

  constructor(private readonly logger: Logger) {
    collectDefaultMetrics({ register: this.registry });
  }

  /** How long a handler took for a batch of one message type; the transaction included. */
  private readonly handlerSeconds = this.histogram(
    'encore_handler_duration_seconds',
    'Time a handler took for one batch, transaction included, by message type and result.',
    ['type', 'result'],
    FAST_SECONDS,
  );

  private readonly outcomes = this.counter(
    'encore_messages_handled_total',
    'Messages handled, by type and outcome (accepted, refused, deferred, replayed, fault …).',
    ['type', 'outcome'],
  );

  private readonly batchSize = this.histogram(
    'encore_batch_messages',
    'Messages handled together in one transaction, by message type.',
    ['type'],
    BATCH_SIZES,
  );

  private readonly envelopes = this.counter(
    'encore_envelopes_total',
    'AMQP messages received and published; each carries one or more messages.',
    ['direction'],
  );

  private readonly retries = this.counter(
    'encore_retries_total',
    'Messages sent up the retry ladder after a fault, by type.',
    ['type'],
  );

  private readonly parked = this.counter(
    'encore_parked_total',
    'Messages parked after their last attempt, by type: each needs a person.',
    ['type'],
  );

  private readonly periodicSeconds = this.histogram(
    'encore_periodic_run_duration_seconds',
    'Runs of periodic work, by name and outcome (done, unavailable, failed).',
    ['name', 'outcome'],
    FAST_SECONDS,
  );

  private readonly httpSeconds = this.histogram(
    'encore_http_request_duration_seconds',
    'HTTP requests by method, route pattern and status; never by the raw path.',
    ['method', 'route', 'status'],
    FAST_SECONDS,
  );

  periodicRun(run: { name: string; outcome: string; seconds: number }): void {
    this.periodicSeconds.observe({ name: run.name, outcome: run.outcome }, run.seconds);
  }

  /** `route` is the pattern (`/v1/concerts/:id`), so that the number of series stays bounded. */
  httpRequest(request: { method: string; route: string; status: number; seconds: number }): void {
    const { method, route, status, seconds } = request;
    this.httpSeconds.observe({ method, route, status: String(status) }, seconds);
  }

  /** Reads the queues at every scrape. */
  watchQueues(read: () => Promise<readonly QueueReading[]>): void {
    const unacknowledged = this.gauge(
      'encore_queue_unacknowledged',
      'Messages delivered and not acknowledged yet, by queue.',
      ['queue'],
    );
    const consumers = this.gauge('encore_queue_consumers', 'Consumers, by queue.', ['queue']);
    const oldest = this.gauge(
      'encore_queue_oldest_age_seconds',
      'Age of the oldest message, by queue; absent while it cannot be known.',
      ['queue'],
    );
    const waiting = this.gauge('encore_queue_messages', 'Messages waiting, by queue.', ['queue']);
    this.atScrape('queues', async () => {
      const readings = await read();
      for (const gauge of [waiting, unacknowledged, consumers, oldest]) gauge.reset();
      for (const reading of readings) {
        const labels = { queue: reading.queue };
        waiting.set(labels, reading.ready);
        consumers.set(labels, reading.consumers);
        if (reading.unacknowledged !== null) unacknowledged.set(labels, reading.unacknowledged);
        if (reading.oldestAgeSeconds !== null) oldest.set(labels, reading.oldestAgeSeconds);
      }
    });
  }

  /** Reads the outbox at every scrape. */
  watchOutbox(read: () => Promise<OutboxReading>): void {
    const waiting = this.gauge('encore_outbox_waiting', 'Events not published yet.', []);
    const oldest = this.gauge(
      'encore_outbox_oldest_age_seconds',
      'Age of the oldest event not published yet; 0 when there is none.',
      [],
    );
    this.atScrape('outbox', async () => {
      const reading = await read();
      waiting.set(reading.waiting);
      oldest.set(reading.oldestAgeSeconds);
    });
  }

  /** Reads the sagas at every scrape. */
  watchSagas(read: () => Promise<readonly SagaReading[]>): void {
    const count = this.gauge('encore_sagas', 'Sagas by name and state.', ['saga', 'state']);
    const oldest = this.gauge(
      'encore_saga_oldest_age_seconds',
      'Age of the oldest saga of a name in a state.',
      ['saga', 'state'],
    );
    this.atScrape('sagas', async () => {
      const readings = await read();
      count.reset();
      oldest.reset();
      for (const { saga, state, count: sagas, oldestAgeSeconds } of readings) {
        count.set({ saga, state }, sagas);
        oldest.set({ saga, state }, oldestAgeSeconds);
      }
    });
  }

  async answer(): Promise<PrivateAnswer> {
    await Promise.all([...this.readers].map(([what, read]) => this.refresh(what, read)));
    const body = await this.registry.metrics();
    return { status: 200, contentType: this.registry.contentType, body };
  }

  private readonly readers = new Map<string, () => Promise<void>>();

  private atScrape(what: string, read: () => Promise<void>): void {
    this.readers.set(what, read);
  }

  /** A reading that fails leaves the last one standing: the other metrics still come. */
  private async refresh(what: string, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      this.logger.warn({ err: error, what }, `could not read ${what} for the metrics`);
    }
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[]) {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<Label extends string>(name: string, help: string, labelNames: Label[]) {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    buckets: number[],
  ) {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
