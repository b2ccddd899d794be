import type { Contract, PayloadOf } from '@encore/contracts';
import type { Declarer } from './declaring.js';
import { packEnvelopes, type EnvelopeLimits, type WireMessage } from './envelope.js';
import type { InvalidMessageError } from './errors.js';
import { groupBy } from './group-by.js';
import type { Publisher } from './publisher.js';
import type { Topology } from './topology.js';

export interface OutgoingCommand<C extends Contract<'command'> = Contract<'command'>> {
  readonly id: string;
  readonly contract: C;
  readonly payload: PayloadOf<C>;
  readonly correlationId: string;
  readonly causationId?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** Sends durable commands; replies come to this service's replies queue. */
export class CommandSender {
  readonly #parts: {
    readonly service: string;
    readonly publisher: Publisher;
    readonly declarer: Declarer;
    readonly topology: Topology;
    readonly limits: EnvelopeLimits;
  };

  constructor(parts: {
    service: string;
    publisher: Publisher;
    declarer: Declarer;
    topology: Topology;
    limits: EnvelopeLimits;
  }) {
    this.#parts = parts;
  }

  /**
   * Resolves when the broker has confirmed all of them. When it throws, some may have been sent:
   * send all again under the same ids. InvalidMessageError: all were sent but those that are too
   * large to be sent, ever.
   */
  async send(commands: readonly OutgoingCommand[]): Promise<void> {
    const { service, topology, declarer } = this.#parts;
    const replyTo = topology.queueOf(service, 'replies');
    const byQueue = groupBy(commands, ({ contract }) =>
      topology.queueOf(contract.service, 'commands'),
    );
    // The replies queue too: the answer may come before this service has ever consumed.
    await declarer.ensureQueues([...byQueue.keys(), replyTo]);
    const sent = [...byQueue].map(([queue, group]) =>
      this.#sendTo(
        queue,
        group.map((command) => commandMessage(command, replyTo)),
      ),
    );
    // Only now: whoever hears of it need not send anything again.
    const [tooLarge] = (await Promise.all(sent)).flat();
    if (tooLarge !== undefined) throw tooLarge;
  }

  /** Gives back why messages were left out: they are too large. */
  async #sendTo(queue: string, messages: readonly WireMessage[]): Promise<InvalidMessageError[]> {
    const { publisher, declarer, limits } = this.#parts;
    const leftOut: InvalidMessageError[] = [];
    const envelopes = packEnvelopes(messages, limits, (_message, error) => leftOut.push(error));
    const sent = envelopes.map((envelope) =>
      publisher.publish({
        exchange: '',
        routingKey: queue,
        content: envelope.content,
        persistent: true,
        mandatory: true,
        messages: envelope.messages.length,
      }),
    );
    try {
      await Promise.all(sent);
    } catch (error) {
      // Somebody may have deleted the queue: whoever sends again declares it again.
      declarer.forget();
      throw error;
    }
    return leftOut;
  }
}

function commandMessage(command: OutgoingCommand, replyTo: string): WireMessage {
  const { id, contract, payload, correlationId, causationId, traceparent } = command;
  return {
    id,
    type: contract.wireName,
    body: payload,
    headers: {
      correlationId,
      causationId,
      traceparent,
      sentAt: Date.now(),
      replyTo,
      attempt: 1,
    },
  };
}
