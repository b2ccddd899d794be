import type { Declarer } from './declaring.js';
import { packEnvelopes, type EnvelopeLimits, type WireMessage } from './envelope.js';
import { groupBy } from './group-by.js';
import type { Publisher } from './publisher.js';
import type { Topology } from './topology.js';

/** Publishes events to the queues of all who subscribed, whether they were ever started or not. */
export class EventPublisher {
  readonly #parts: {
    readonly publisher: Publisher;
    readonly declarer: Declarer;
    readonly topology: Topology;
    readonly limits: EnvelopeLimits;
  };

  constructor(parts: {
    publisher: Publisher;
    declarer: Declarer;
    topology: Topology;
    limits: EnvelopeLimits;
  }) {
    this.#parts = parts;
  }

  /** Whether an event would go out now. */
  get open(): boolean {
    return this.#parts.publisher.open;
  }

  /** Resolves when all are confirmed. Events of one type stay in their order. */
  async publish(events: readonly WireMessage[]): Promise<void> {
    const { declarer, topology } = this.#parts;
    const byType = groupBy(events, (event) => event.type);
    const queues = [...byType.keys()].flatMap((type) => topology.subscribersOf(type));
    await declarer.ensureExchanges([topology.events]);
    await declarer.ensureQueues(queues);
    await Promise.all([...byType].map(([type, messages]) => this.#publishType(type, messages)));
  }

  async #publishType(type: string, messages: readonly WireMessage[]): Promise<void> {
    const { publisher, declarer, topology, limits } = this.#parts;
    const subscribed = topology.subscribersOf(type).length > 0;
    const sent = packEnvelopes(messages, limits).map((envelope) =>
      publisher.publish({
        exchange: topology.events,
        routingKey: type,
        content: envelope.content,
        persistent: true,
        // An event only gateways listen to may find none of them up.
        mandatory: subscribed,
        messages: envelope.messages.length,
      }),
    );
    try {
      await Promise.all(sent);
    } catch (error) {
      // Somebody may have deleted a queue or the exchange: whoever tries again declares them again.
      declarer.forget();
      throw error;
    }
  }
}
