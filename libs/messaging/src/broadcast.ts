import type { Channel, ConsumeMessage } from 'amqplib';
import type { EventContract } from '@encore/contracts';
import type { BrokerConnection } from './connection.js';
import { declareExchanges } from './declaring.js';
import { unpackEnvelope, type WireMessage } from './envelope.js';
import type { Received } from './handling.js';
import {
  plainChannel,
  SupervisedChannel,
  type ChannelSettings,
  type OpenChannel,
} from './supervised-channel.js';
import type { Topology } from './topology.js';

interface ListenerParts extends Pick<ChannelSettings<Channel>, 'limits' | 'logger' | 'observer'> {
  readonly instance: string;
  readonly connection: BrokerConnection;
  readonly topology: Topology;
}

/** Who cannot keep up loses the oldest; a cache that learns from events must bear that. */
const BACKLOG_MAX_ENVELOPES = 100_000;

/**
 * Hears events in every instance, for caches. Nothing is kept while it is away: `onReset` says that
 * something may have been missed, and that what was learnt before is worth nothing.
 */
export class BroadcastListener {
  readonly #parts: ListenerParts;
  readonly #channel: SupervisedChannel;
  readonly #hearers = new Map<string, (message: WireMessage) => void>();
  readonly #resets: (() => void)[] = [];

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#channel = new SupervisedChannel(parts.connection, {
      limits: parts.limits,
      logger: parts.logger,
      observer: parts.observer,
      name: 'broadcasts',
      create: plainChannel,
      setup: (open) => this.#listen(open),
    });
  }

  /** One hearer per type. What does not fit the contract is logged and left out. */
  on<C extends EventContract>(contract: C, hear: (event: Received<C>) => void): this {
    if (this.#hearers.has(contract.wireName)) {
      throw new Error(`Two hearers for ${contract.wireName}`);
    }
    this.#hearers.set(contract.wireName, (message) => {
      const { correlationId, causationId, traceparent, sentAt, attempt } = message.headers;
      hear({
        id: message.id,
        payload: contract.payload.parse(message.body) as Received<C>['payload'],
        correlationId,
        causationId,
        traceparent,
        sentAt: new Date(sentAt),
        attempt,
      });
    });
    return this;
  }

  /** Called whenever listening begins (again), before the first event. */
  onReset(reset: () => void): this {
    this.#resets.push(reset);
    return this;
  }

  /** Begins to listen; every hearer has been added before. */
  start(): void {
    this.#channel.start();
  }

  /** While this is false, events pass by unheard. */
  get listening(): boolean {
    return this.#channel.current !== undefined;
  }

  async close(): Promise<void> {
    await this.#channel.close();
  }

  async #listen(open: OpenChannel): Promise<void> {
    const { instance, topology } = this.#parts;
    const { channel } = open;
    const queue = topology.broadcastQueueOf(`${instance}.${open.epoch}`);
    await declareExchanges(channel, topology, [topology.events]);
    await channel.assertQueue(queue, {
      exclusive: true,
      autoDelete: true,
      durable: false,
      arguments: { 'x-max-length': BACKLOG_MAX_ENVELOPES },
    });
    for (const type of this.#hearers.keys()) await channel.bindQueue(queue, topology.events, type);
    for (const reset of this.#resets) reset();
    await channel.consume(queue, (raw) => this.#hear(open, raw), { noAck: true });
  }

  #hear(open: OpenChannel, raw: ConsumeMessage | null): void {
    const { logger } = this.#parts;
    if (raw === null) {
      open.channel.close().catch((error: unknown) => {
        logger.debug({ err: error }, 'the broadcast channel was closed already');
      });
      return;
    }
    try {
      for (const message of unpackEnvelope(raw.content)) this.#hearOne(message);
    } catch (error) {
      // An error that leaves this callback would take the connection down.
      logger.error({ err: error }, 'a broadcast cannot be read');
    }
  }

  #hearOne(message: WireMessage): void {
    try {
      this.#hearers.get(message.type)?.(message);
    } catch (error) {
      const { type, id } = message;
      this.#parts.logger.error({ err: error, type, messageId: id }, 'an event could not be heard');
    }
  }
}
