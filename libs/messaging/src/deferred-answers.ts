import type { AskableContract, Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import type { Inbox, KnownMessage } from './inbox.js';
import type { Asked, ReplyPublisher } from './reply-publisher.js';

export interface DeferredAnswer {
  /** The id of the request whose handler said `DEFERRED`. */
  readonly requestId: string;
  readonly outcome: Outcome<AskableContract>;
}

/**
 * Answers requests that their handler deferred. The first answer stands; a later one is ignored.
 */
export class DeferredAnswers {
  readonly #inbox: Inbox;
  readonly #replies: ReplyPublisher;

  constructor(inbox: Inbox, replies: ReplyPublisher) {
    this.#inbox = inbox;
    this.#replies = replies;
  }

  /** Stores the answers in the transaction; returns the publishing to do in `beforeAck`. */
  async settle(tx: Transaction, answers: readonly DeferredAnswer[]): Promise<() => Promise<void>> {
    const settled = await this.#inbox.settle(
      tx,
      answers.map(({ requestId, outcome }) => ({ messageId: requestId, outcome })),
    );
    return () => this.#publish(settled);
  }

  /**
   * Publishes stored answers again: a duplicate said that somebody may have died before publishing.
   */
  async resend(requestIds: readonly string[]): Promise<void> {
    await this.#publish(await this.#inbox.find(requestIds));
  }

  async #publish(known: readonly KnownMessage[]): Promise<void> {
    await this.#replies.publish(
      known.flatMap((message) => {
        const { reply, replyTo } = message;
        if (reply === null || replyTo === null) return [];
        const asked: Asked = {
          id: message.messageId,
          type: message.messageType,
          correlationId: message.correlationId,
          replyTo,
          ...(message.traceparent === null ? {} : { traceparent: message.traceparent }),
        };
        return [{ asked, answer: { kind: 'outcome' as const, outcome: reply, replayed: false } }];
      }),
    );
  }
}
