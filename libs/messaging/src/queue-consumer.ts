import type { Channel, ConsumeMessage } from 'amqplib';
import type { BrokerConnection } from './connection.js';
import { declareQueues } from './declaring.js';
import { Delivery } from './delivery.js';
import {
  plainChannel,
  SupervisedChannel,
  type ChannelSettings,
  type OpenChannel,
} from './supervised-channel.js';
import type { QueueRole, Topology } from './topology.js';

export interface ConsumerSettings extends Pick<
  ChannelSettings<Channel>,
  'limits' | 'logger' | 'observer'
> {
  readonly topology: Topology;
  readonly service: string;
  readonly role: QueueRole;
  /** Envelopes handed out before one is acked. */
  readonly prefetchEnvelopes: number;
  readonly onDelivery: (delivery: Delivery) => void;
}

/**
 * Consumes one queue: declares it with all it needs, takes a bounded number of envelopes, and
 * begins again when the channel was closed, the connection lost, or the queue deleted under it.
 */
export class QueueConsumer {
  readonly queue: string;
  readonly #settings: ConsumerSettings;
  readonly #channel: SupervisedChannel;
  /** In work, in the order they were handed out. */
  readonly #outstanding = new Set<Delivery>();
  /** Done with, and not acked yet. */
  #settled: Delivery[] = [];
  #acking: NodeJS.Timeout | undefined;
  #consumerTag: string | undefined;
  #stopping = false;
  #tellIdle: (() => void) | undefined;

  constructor(connection: BrokerConnection, settings: ConsumerSettings) {
    this.#settings = settings;
    this.queue = settings.topology.queueOf(settings.service, settings.role);
    this.#channel = new SupervisedChannel(connection, {
      limits: settings.limits,
      logger: settings.logger,
      observer: settings.observer,
      name: `consuming ${this.queue}`,
      create: plainChannel,
      setup: (open) => this.#consume(open),
      onGone: () => this.#forgetStale(),
    });
  }

  start(): void {
    this.#channel.start();
  }

  get consuming(): boolean {
    return this.#channel.current !== undefined && this.#consumerTag !== undefined;
  }

  /** Envelopes handed out to this process and not yet acked. */
  get unacknowledged(): number {
    return this.#outstanding.size + this.#settled.length;
  }

  /** When the oldest message being worked on was sent; undefined when there is none. */
  get oldestSentAt(): number | undefined {
    let oldest: number | undefined;
    for (const delivery of this.#outstanding) {
      oldest = Math.min(oldest ?? delivery.oldestSentAt, delivery.oldestSentAt);
    }
    return oldest;
  }

  /** Takes nothing new from now on. */
  async stopTaking(): Promise<void> {
    this.#stopping = true;
    const tag = this.#consumerTag;
    const open = this.#channel.current;
    this.#consumerTag = undefined;
    if (open === undefined || tag === undefined) return;
    try {
      await open.channel.cancel(tag);
    } catch (error) {
      // The channel went away in the meantime, and the consumer with it.
      this.#settings.logger.debug({ err: error, queue: this.queue }, 'nothing left to cancel');
    }
  }

  /** Resolves when everything that was taken is settled and acked. */
  async idle(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#tellIdle = resolve;
      this.#checkIdle();
    });
  }

  /** Acks what is settled; the rest is handed out again. */
  async close(): Promise<void> {
    this.#stopping = true;
    this.#ackSettled();
    await this.#channel.close();
  }

  async #consume(open: OpenChannel): Promise<void> {
    const { topology, prefetchEnvelopes } = this.#settings;
    this.#consumerTag = undefined;
    if (this.#isStopping()) return;
    const queues = this.#settings.role === 'requests' ? [] : topology.retryQueues();
    await declareQueues(open.channel, topology, [...queues, this.queue]);
    // Per consumer: a limit for the whole channel is refused by RabbitMQ 4.3.
    await open.channel.prefetch(prefetchEnvelopes, false);
    // A drain that began meanwhile found nothing to cancel.
    if (this.#isStopping()) return;
    const { consumerTag } = await open.channel.consume(this.queue, (raw) => this.#take(open, raw));
    if (this.#isStopping()) await open.channel.cancel(consumerTag);
    else this.#consumerTag = consumerTag;
  }

  #isStopping(): boolean {
    return this.#stopping;
  }

  #take(open: OpenChannel, raw: ConsumeMessage | null): void {
    // An error that leaves this callback would take the connection down.
    try {
      if (raw === null) {
        this.#cancelledByBroker(open);
        return;
      }
      const { onDelivery, role } = this.#settings;
      const delivery = new Delivery(open, raw, this.queue, role, (done) => this.#done(done));
      this.#outstanding.add(delivery);
      onDelivery(delivery);
    } catch (error) {
      this.#settings.logger.error(
        { err: error, queue: this.queue },
        'a delivery failed on arrival',
      );
    }
  }

  /**
   * The queue was deleted, or its node is going: declare it again and go on, on the same channel.
   */
  #cancelledByBroker(open: OpenChannel): void {
    if (this.#stopping) return;
    this.#settings.logger.warn({ queue: this.queue }, 'the broker cancelled the consumer');
    this.#consume(open).catch((error: unknown) => {
      this.#settings.logger.warn({ err: error, queue: this.queue }, 'could not consume again');
      // A failed declaration closed the channel, which then is opened anew; any other failure must
      // too.
      if (open.alive) this.#closeQuietly(open);
    });
  }

  #closeQuietly(open: OpenChannel): void {
    open.channel.close().catch((error: unknown) => {
      this.#settings.logger.debug(
        { err: error, queue: this.queue },
        'the channel was closed already',
      );
    });
  }

  /**
   * A quorum queue writes an ack down as it does a message: those of a moment go together. Whoever
   * dies before is handed the envelopes again, and the inbox knows them.
   */
  #done(delivery: Delivery): void {
    this.#outstanding.delete(delivery);
    if (!delivery.stale) {
      const { limits, prefetchEnvelopes } = this.#settings;
      this.#settled.push(delivery);
      if (this.#settled.length * 2 >= prefetchEnvelopes) this.#ackSettled();
      else this.#acking ??= setTimeout(() => this.#ackSettled(), limits.ackPauseMs);
    }
    this.#checkIdle();
  }

  #ackSettled(): void {
    clearTimeout(this.#acking);
    this.#acking = undefined;
    const settled = this.#settled;
    this.#settled = [];
    const [inWork] = this.#outstanding;
    let latest: Delivery | undefined;
    for (const delivery of settled) {
      if (inWork?.isBefore(delivery) === true) this.#ack(delivery);
      else if (latest?.isBefore(delivery) ?? true) latest = delivery;
    }
    if (latest !== undefined) this.#ack(latest, { withEarlier: true });
  }

  #ack(delivery: Delivery, options?: { withEarlier: boolean }): void {
    try {
      delivery.ack(options);
    } catch (error) {
      // The channel is closing: the broker hands the envelope out again.
      this.#settings.logger.debug({ err: error, queue: this.queue }, 'too late to ack');
    }
  }

  #forgetStale(): void {
    this.#consumerTag = undefined;
    this.#settled = [];
    for (const delivery of this.#outstanding) {
      if (delivery.stale) this.#outstanding.delete(delivery);
    }
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.#outstanding.size > 0 || this.#tellIdle === undefined) return;
    this.#ackSettled();
    this.#tellIdle();
  }
}
