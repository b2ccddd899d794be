import type { Channel } from 'amqplib';
import type { BrokerConnection } from './connection.js';
import { plainChannel, SupervisedChannel, type ChannelSettings } from './supervised-channel.js';
import type { Topology } from './topology.js';

/** Declares queues with everything they need, dead-letter targets first. */
export async function declareQueues(
  channel: Channel,
  topology: Topology,
  names: readonly string[],
  declared: Set<string> = new Set(),
): Promise<void> {
  for (const name of names) {
    const queue = topology.queues.get(name);
    if (queue === undefined || declared.has(name)) continue;
    await declareQueues(channel, topology, queue.needsQueues, declared);
    const exchanges = [...queue.needsExchanges, ...queue.bindings.map((bound) => bound.exchange)];
    await declareExchanges(channel, topology, exchanges, declared);
    await channel.assertQueue(name, { durable: true, arguments: { ...queue.arguments } });
    for (const { exchange, routingKey } of queue.bindings) {
      await channel.bindQueue(name, exchange, routingKey);
    }
    declared.add(name);
  }
}

export async function declareExchanges(
  channel: Channel,
  topology: Topology,
  names: readonly string[],
  declared: Set<string> = new Set(),
): Promise<void> {
  for (const name of names) {
    const exchange = topology.exchanges.get(name);
    if (exchange === undefined || declared.has(name)) continue;
    await channel.assertExchange(name, exchange.type, { durable: true });
    declared.add(name);
  }
}

/**
 * Declares what a sender is about to send to, once per connection: services start in any order, and
 * a message must not depend on who came first. On a channel of its own, because a declaration that
 * fails closes its channel.
 */
export class Declarer {
  readonly #channel: SupervisedChannel;
  readonly #topology: Topology;
  readonly #waitMs: number;
  #declared = new Set<string>();
  /** Declarations run one after the other: two at once would only declare the same things twice. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    connection: BrokerConnection,
    topology: Topology,
    settings: Pick<ChannelSettings<Channel>, 'limits' | 'logger' | 'observer'>,
  ) {
    this.#topology = topology;
    this.#waitMs = settings.limits.publishTimeoutMs;
    this.#channel = new SupervisedChannel(connection, {
      ...settings,
      name: 'declarations',
      create: plainChannel,
      setup: async () => this.forget(),
    });
  }

  start(): void {
    this.#channel.start();
  }

  /** Resolves when the queues are surely there. */
  async ensureQueues(names: readonly string[]): Promise<void> {
    if (names.every((name) => this.#declared.has(name))) return;
    await this.#inTurn((channel) => declareQueues(channel, this.#topology, names, this.#declared));
  }

  async ensureExchanges(names: readonly string[]): Promise<void> {
    if (names.every((name) => this.#declared.has(name))) return;
    await this.#inTurn((channel) =>
      declareExchanges(channel, this.#topology, names, this.#declared),
    );
  }

  /** A message came back unroutable or a queue vanished: believe nothing any more. */
  forget(): void {
    this.#declared = new Set();
  }

  async close(): Promise<void> {
    await this.#channel.close();
  }

  async #inTurn(declare: (channel: Channel) => Promise<void>): Promise<void> {
    // Waited for outside the turn: many who wait for a broker must not wait one after the other.
    const { channel } = await this.#channel.whenOpen(this.#waitMs);
    const turn = this.#last.then(() => declare(channel));
    // The next one's turn comes whether or not this one succeeded; its caller hears of the error.
    this.#last = turn.catch(() => this.forget());
    await turn;
  }
}
