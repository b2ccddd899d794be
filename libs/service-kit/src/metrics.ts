import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HandledBatch, MessagingObserver } from '@encore/messaging';
import type { PrivateAnswer } from './http-server.js';
import type { Logger } from './logging.js';

/** What a scrape reads about one queue. */
export interface QueueReading {
  readonly queue: string;
  readonly depth: number;
  readonly unacknowledged: number;
  readonly consumers: number;
  /** Null when the queue is empty or nobody knows. */
  readonly oldestAgeSeconds: number | null;
}

/** What a scrape reads about the sagas of one name in one state. */
export interface SagaReading {
  readonly saga: string;
  readonly state: string;
  readonly count: number;
  readonly oldestAgeSeconds: number;
}

const FAST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/**
 * How often `nodejs_eventloop_lag_*` looks, which is also what it reads on a loop that is never
 * late. At the usual 10 ms six idle processes keep 3 % of a processor busy with looking.
 */
const EVENT_LOOP_LOOK_EVERY_MS = 50;
const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/**
 * The metrics of one process, on the private port. Names and meanings are declared here, once. As
 * observer of the transport it is told about every batch, retry and reconnection. Destinations are
 * queue names and never those of one instance's private queue: the number of series stays bounded.
 */
export class Metrics implements MessagingObserver {
  readonly registry = new Registry();

  constructor(private readonly logger: Logger) {
    collectDefaultMetrics({
      register: this.registry,
      eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_EVERY_MS,
    });
  }

  private readonly handlerSeconds = this.histogram(
    'encore_handler_duration_seconds',
    'Time one batch took, transaction included, by message type and outcome.',
    ['type', 'outcome'],
    FAST_SECONDS,
  );

  private readonly batchSize = this.histogram(
    'encore_batch_messages',
    'Messages handled together in one transaction, by message type.',
    ['type'],
    BATCH_SIZES,
  );

  private readonly storedReplies = this.counter(
    'encore_stored_replies_total',
    'Repeated messages answered from the inbox without running their handler, by type.',
    ['type'],
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

  private readonly expired = this.counter(
    'encore_requests_expired_total',
    'Requests dropped unhandled because their caller had given up, by type.',
    ['type'],
  );

  private readonly unsubscribed = this.counter(
    'encore_events_unsubscribed_total',
    'Events dropped because the service is not subscribed to them any more, by type.',
    ['type'],
  );

  private readonly envelopes = this.counter(
    'encore_envelopes_published_total',
    'AMQP messages published, by destination; each carries one or more messages.',
    ['destination'],
  );

  private readonly envelopeMessages = this.counter(
    'encore_messages_published_total',
    'Messages published inside envelopes, by destination.',
    ['destination'],
  );

  private readonly returned = this.counter(
    'encore_envelopes_returned_total',
    'AMQP messages the broker gave back because no queue takes them, by destination.',
    ['destination'],
  );

  private readonly undeliverable = this.counter(
    'encore_answers_undeliverable_total',
    'Answers whose caller was gone, by type of what was asked.',
    ['type'],
  );

  private readonly reconnections = this.counter(
    'encore_broker_reconnections_total',
    'Connections to the broker that were made again, by purpose.',
    ['connection'],
  );

  private readonly reopenings = this.counter(
    'encore_broker_channels_reopened_total',
    'Channels that were opened again on a standing connection, by purpose.',
    ['channel'],
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

  batchHandled({ type, size, seconds, outcome }: HandledBatch): void {
    this.handlerSeconds.observe({ type, outcome }, seconds);
    this.batchSize.observe({ type }, size);
  }

  storedReplySent(type: string): void {
    this.storedReplies.inc({ type });
  }

  messageRetried(type: string): void {
    this.retries.inc({ type });
  }

  messageParked(type: string): void {
    this.parked.inc({ type });
  }

  expiredDropped(type: string): void {
    this.expired.inc({ type });
  }

  unsubscribedDropped(type: string): void {
    this.unsubscribed.inc({ type });
  }

  envelopePublished(destination: string, messages: number): void {
    const labels = { destination: destinationLabel(destination) };
    this.envelopes.inc(labels);
    this.envelopeMessages.inc(labels, messages);
  }

  envelopeReturned(destination: string): void {
    this.returned.inc({ destination: destinationLabel(destination) });
  }

  answerUndeliverable(type: string): void {
    this.undeliverable.inc({ type });
  }

  reconnected(connection: string): void {
    this.reconnections.inc({ connection });
  }

  channelReopened(channel: string): void {
    this.reopenings.inc({ channel });
  }

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
        waiting.set(labels, reading.depth);
        consumers.set(labels, reading.consumers);
        unacknowledged.set(labels, reading.unacknowledged);
        if (reading.oldestAgeSeconds !== null) oldest.set(labels, reading.oldestAgeSeconds);
      }
    });
  }

  /** Reads the age of the oldest unpublished event at every scrape. */
  watchOutbox(readOldestAgeSeconds: () => Promise<number>): void {
    const oldest = this.gauge(
      'encore_outbox_oldest_age_seconds',
      'Age of the oldest event not published yet; 0 when there is none.',
      [],
    );
    this.atScrape('outbox', async () => oldest.set(await readOldestAgeSeconds()));
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

/** Answer queues have a name per instance, old and new ones without end: one series for all. */
function destinationLabel(destination: string): string {
  return /(^|\.)answers\.|^amq\./.test(destination) ? 'answers' : destination;
}
