import { replyMessage, type AnswerBody } from './answers.js';
import type { Declarer } from './declaring.js';
import {
  packEnvelopes,
  type EnvelopeLimits,
  type PackedEnvelope,
  type WireMessage,
} from './envelope.js';
import { InvalidMessageError, UnroutableError } from './errors.js';
import { groupBy } from './group-by.js';
import type { Logger } from './logger.js';
import type { MessagingObserver } from './observer.js';
import type { Publisher } from './publisher.js';
import type { Topology } from './topology.js';

export interface Asked {
  readonly id: string;
  readonly type: string;
  readonly correlationId: string;
  readonly replyTo: string;
  readonly traceparent?: string | undefined;
}

/** The message as what is answered; undefined when nobody waits for the answer. */
export function askedOf({ id, type, headers }: WireMessage): Asked | undefined {
  const { correlationId, traceparent, replyTo } = headers;
  return replyTo === undefined ? undefined : { id, type, correlationId, replyTo, traceparent };
}

/** Says what one batch has to answer: one envelope for each queue that waits for answers. */
export class ReplyPublisher {
  readonly #parts: {
    readonly publisher: Publisher;
    readonly declarer: Declarer;
    readonly topology: Topology;
    readonly limits: EnvelopeLimits;
    readonly logger: Logger;
    readonly observer: MessagingObserver;
  };

  constructor(parts: {
    publisher: Publisher;
    declarer: Declarer;
    topology: Topology;
    limits: EnvelopeLimits;
    logger: Logger;
    observer: MessagingObserver;
  }) {
    this.#parts = parts;
  }

  /**
   * Resolves when every answer is confirmed. An answer whose caller is gone is dropped and counted;
   * one for a service's replies queue is never dropped. In the place of one that is too large to be
   * sent goes a fault.
   */
  async publish(answers: readonly { asked: Asked; answer: AnswerBody }[]): Promise<void> {
    const byQueue = groupBy(answers, ({ asked }) => asked.replyTo);
    const published = [...byQueue].map(([queue, group]) =>
      this.#publishTo(queue, this.#pack(group)),
    );
    await Promise.all(published);
  }

  #pack(group: readonly { asked: Asked; answer: AnswerBody }[]): PackedEnvelope[] {
    const { limits, logger } = this.#parts;
    const faults: WireMessage[] = [];
    const replies = group.map(({ asked, answer }) => replyMessage(asked, answer));
    const packed = packEnvelopes(replies, limits, (reply, error) => {
      logger.error({ err: error, type: reply.type }, 'an answer is too large to be sent');
      const asked = group[replies.indexOf(reply)]?.asked;
      const fault = { kind: 'fault' as const, reason: 'the answer is too large to be sent' };
      if (asked !== undefined) faults.push(replyMessage(asked, fault));
    });
    return [...packed, ...packEnvelopes(faults, limits)];
  }

  async #publishTo(queue: string, envelopes: readonly PackedEnvelope[]): Promise<void> {
    const { publisher, declarer, topology } = this.#parts;
    const durable = topology.queues.has(queue);
    if (durable) await declarer.ensureQueues([queue]);
    const sent = envelopes.map(async (envelope) => {
      try {
        await publisher.publish({
          exchange: '',
          routingKey: queue,
          content: envelope.content,
          persistent: durable,
          mandatory: true,
          messages: envelope.messages.length,
        });
      } catch (error) {
        if (durable || !isNobodyThere(error)) {
          declarer.forget();
          throw error;
        }
        this.#callerIsGone(queue, envelope.messages);
      }
    });
    await Promise.all(sent);
  }

  #callerIsGone(queue: string, messages: readonly WireMessage[]): void {
    this.#parts.logger.debug({ queue, answers: messages.length }, 'the callers are gone');
    for (const message of messages) this.#parts.observer.answerUndeliverable(message.type);
  }
}

/** A queue that is gone, or that no broker could have. */
function isNobodyThere(error: unknown): boolean {
  return error instanceof UnroutableError || error instanceof InvalidMessageError;
}
