import { SERVICES, type Contract } from '@encore/contracts';
import { type CustomTransportStrategy, Server, type MessageHandler } from '@nestjs/microservices';
import { admitActor, type ActorVerifier, type Carrier } from './actor.js';
import { readReply } from './answers.js';
import type { BatchProcessor } from './batch-processor.js';
import type { BrokerConnection } from './connection.js';
import { REPLIES_PATTERN, type HandlerExtras } from './decorators.js';
import type { Delivery } from './delivery.js';
import { transportChannels, type TransportMoment } from './diagnostics.js';
import { unpackEnvelope, type WireMessage } from './envelope.js';
import { InvalidMessageError, UnknownTypeError } from './errors.js';
import type { Handler, Item } from './handler.js';
import type { Received, ReceivedReply } from './handling.js';
import { Lane } from './lane.js';
import type { Logger } from './logger.js';
import type { MessagingObserver } from './observer.js';
import type { MessagingLimits } from './options.js';
import { settledWithin } from './pause.js';
import { QueueConsumer } from './queue-consumer.js';
import { SUBSCRIPTIONS, type QueueRole, type Topology } from './topology.js';
import type { Underway } from './underway.js';

interface ServerParts {
  readonly service: string;
  readonly connection: BrokerConnection;
  readonly topology: Topology;
  readonly processor: BatchProcessor;
  readonly limits: MessagingLimits;
  readonly logger: Logger;
  readonly observer: MessagingObserver;
  readonly actors: ActorVerifier;
  readonly underway: Underway;
  /** Aborted by the server when the drain's grace is over. */
  readonly giveUp: AbortController;
}

/** AMQP's limit. */
const PREFETCH_MAX = 65_535;

const ROLE_OF_KIND = {
  request: 'requests',
  query: 'requests',
  command: 'commands',
  event: 'events',
  reply: 'replies',
} as const satisfies Record<Handler['kind'], QueueRole>;

/**
 * The transport Nest's handlers are served by: `createMicroservice(module, { strategy: server })`.
 * It consumes the queues for which there are handlers, gathers messages of one type into batches,
 * and is the only one that acks.
 */
export class MessagingServer extends Server implements CustomTransportStrategy {
  readonly #parts: ServerParts;
  readonly #lanes = new Map<string, Lane>();
  readonly #consumers = new Map<QueueRole, QueueConsumer>();
  #closing: Promise<void> | undefined;

  constructor(parts: ServerParts) {
    super();
    this.#parts = parts;
  }

  /** Begins to consume as soon as there is a connection; `consuming` says when that is so. */
  listen(callback: (error?: unknown) => void): void {
    try {
      for (const [pattern, call] of this.getHandlers()) this.#addLane(pattern, call);
      this.#warnOfUnheardEvents();
      for (const lane of this.#lanes.values()) this.#addConsumer(ROLE_OF_KIND[lane.handler.kind]);
      for (const consumer of this.#consumers.values()) consumer.start();
      this.#parts.underway.onEnd(() => {
        for (const lane of this.#lanes.values()) lane.runWhileFree();
      });
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** One handler per type and service: Nest would call the second one instead of the first. */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler?: boolean,
    extras?: Record<string, unknown>,
  ): void {
    if (this.messageHandlers.has(String(pattern))) {
      throw new Error(`Two handlers for ${String(pattern)}`);
    }
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  get consumers(): Iterable<QueueConsumer> {
    return this.#consumers.values();
  }

  /** The queues it should consume and does not, yet or any more. */
  notConsuming(): string[] {
    return [...this.#consumers.values()]
      .filter((consumer) => !consumer.consuming)
      .map((consumer) => consumer.queue);
  }

  /**
   * Drains: stops taking, finishes, publishes and acks what was taken. Bounded by the grace limit.
   */
  override close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  override on(): never {
    throw new Error('The transport has no events to listen to');
  }

  override unwrap(): never {
    throw new Error('The transport does not give its connections away');
  }

  async #drain(): Promise<void> {
    const { limits, giveUp, logger } = this.#parts;
    const consumers = [...this.#consumers.values()];
    const drained = async () => {
      await Promise.all(consumers.map((consumer) => consumer.stopTaking()));
      await Promise.all(consumers.map((consumer) => consumer.idle()));
    };
    await settledWithin(drained(), limits.drainGraceMs);
    const left = consumers.reduce((sum, consumer) => sum + consumer.unacknowledged, 0);
    if (left > 0)
      logger.warn({ envelopes: left }, 'the grace is over: others will get what is left');
    giveUp.abort();
    await Promise.all(consumers.map((consumer) => consumer.close()));
  }

  #addLane(pattern: string, call: MessageHandler): void {
    const { processor, limits, service } = this.#parts;
    const extras: unknown = call.extras;
    if (!isHandlerExtras(extras)) {
      throw new Error(`The handler of ${pattern} was not declared with a decorator of messaging`);
    }
    const { contract } = extras;
    if (contract?.kind === 'event' && !isSubscribed(service, contract.wireName)) {
      throw new Error(`${service} listens to ${contract.wireName}: add it to SUBSCRIPTIONS`);
    }
    const kind = contract?.kind ?? 'reply';
    if (contract !== undefined && kind !== 'event' && contract.service !== service) {
      throw new Error(`${contract.wireName} belongs to ${contract.service}, not to ${service}`);
    }
    const { role, each } = extras;
    const handler: Handler = { type: pattern, kind, role, each, contract, call };
    const places = ROLE_OF_KIND[kind] === 'requests' ? limits.requestPlacesPerType : Infinity;
    const process = (which: Handler, items: readonly Item[]) => processor.process(which, items);
    this.#lanes.set(
      pattern,
      new Lane(handler, { ...limits, places }, process, this.#parts.underway),
    );
  }

  /**
   * Nobody would take these from the queue's point of view: they would climb the ladder and be
   * parked.
   */
  #warnOfUnheardEvents(): void {
    const { service, logger } = this.#parts;
    for (const name of SERVICES) {
      if (name !== service) continue;
      for (const type of SUBSCRIPTIONS[name]) {
        if (!this.#lanes.has(type)) logger.warn({ type }, 'a subscribed event has no handler');
      }
    }
  }

  #addConsumer(role: QueueRole): void {
    if (this.#consumers.has(role)) return;
    const { connection, topology, service, limits, logger, observer } = this.#parts;
    const onDelivery = (delivery: Delivery) => this.#take(delivery);
    const prefetchEnvelopes = this.#prefetchOf(role);
    const shared = { topology, service, limits, logger, observer };
    const settings = { ...shared, role, prefetchEnvelopes, onDelivery };
    this.#consumers.set(role, new QueueConsumer(connection, settings));
  }

  /**
   * All types of request share one queue: were there fewer envelopes than places, one slow type
   * could hold them all, and nothing behind it would be handed out.
   */
  #prefetchOf(role: QueueRole): number {
    const { prefetchEnvelopes, requestPlacesPerType } = this.#parts.limits;
    if (role !== 'requests') return prefetchEnvelopes;
    const lanes = [...this.#lanes.values()];
    const types = lanes.filter(({ handler }) => ROLE_OF_KIND[handler.kind] === role).length;
    return Math.min(types * requestPlacesPerType + prefetchEnvelopes, PREFETCH_MAX);
  }

  #take(delivery: Delivery): void {
    this.#tellReceived(delivery);
    let messages: WireMessage[];
    try {
      messages = unpackEnvelope(delivery.content);
    } catch (error) {
      void this.#parts.processor.rejectUnreadable(delivery, error);
      return;
    }
    delivery.unpacked(messages);
    for (const message of messages) this.#route(message, delivery);
  }

  #route(message: WireMessage, delivery: Delivery): void {
    const { processor, topology, service, observer } = this.#parts;
    const lane = this.#lanes.get(delivery.role === 'replies' ? REPLIES_PATTERN : message.type);
    if (lane === undefined || ROLE_OF_KIND[lane.handler.kind] !== delivery.role) {
      if (delivery.role === 'events' && topology.wasUnsubscribed(service, message.type)) {
        observer.unsubscribedDropped(message.type);
        delivery.settleOne();
        return;
      }
      // Another version of this service may handle it: it climbs the ladder before it is parked.
      void processor.reject({ message, delivery }, new UnknownTypeError(message.type));
      return;
    }
    let received: Item['received'];
    try {
      received = receive(lane.handler, message, delivery, this.#parts.actors);
    } catch (error) {
      void processor.reject({ message, delivery }, error);
      return;
    }
    const item = { message, delivery, received };
    // What was handed out before may be done: it must not hear that it surely is not.
    if (lane.hasRoomFor(delivery) || delivery.redelivered) lane.push(item);
    else void processor.turnAway(item);
  }

  #tellReceived(delivery: Delivery): void {
    if (!transportChannels.received.hasSubscribers) return;
    const { service } = this.#parts;
    const moment: TransportMoment = { service, queue: delivery.queue, type: '', messageIds: [] };
    transportChannels.received.publish(moment);
  }
}

function receive(
  handler: Handler,
  message: WireMessage,
  carrier: Carrier,
  actors: ActorVerifier,
): Item['received'] {
  return handler.contract === undefined
    ? receiveReply(message)
    : receiveMessage(handler.contract, message, carrier, actors);
}

function receiveMessage(
  contract: Contract,
  message: WireMessage,
  carrier: Carrier,
  actors: ActorVerifier,
): Received<Contract> {
  const parsed = contract.payload.safeParse(message.body);
  if (!parsed.success) {
    throw new InvalidMessageError(`${message.type} ${message.id}: ${parsed.error.message}`);
  }
  const { correlationId, causationId, traceparent, sentAt, attempt } = message.headers;
  const actor = admitActor(contract, parsed.data, message.headers.actor, actors, carrier);
  return {
    id: message.id,
    payload: parsed.data,
    correlationId,
    causationId,
    traceparent,
    actor,
    sentAt: new Date(sentAt),
    attempt,
  };
}

function receiveReply(message: WireMessage): ReceivedReply {
  const { inReplyTo, answer } = readReply(message);
  if (answer.kind !== 'outcome') {
    throw new InvalidMessageError(`${message.type} ${message.id} answers with ${answer.kind}`);
  }
  const { correlationId, traceparent } = message.headers;
  return {
    id: message.id,
    inReplyTo,
    type: message.type,
    outcome: answer.outcome,
    correlationId,
    traceparent,
  };
}

function isSubscribed(service: string, eventType: string): boolean {
  return SERVICES.some((name) => name === service && SUBSCRIPTIONS[name].includes(eventType));
}

function isHandlerExtras(extras: unknown): extras is HandlerExtras {
  return typeof extras === 'object' && extras !== null && 'role' in extras && 'each' in extras;
}
