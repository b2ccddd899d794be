import type { AskableContract, Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import type { Inbox, KnownMessage } from './inbox.js';
import type { Asked, ReplyPublisher } from './reply-publisher.js';
import type { Underway } from './underway.js';

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
  readonly #underway: Pick<Underway, 'end'>;

  constructor(inbox: Inbox, replies: ReplyPublisher, underway: Pick<Underway, 'end'>) {
    this.#inbox = inbox;
    this.#replies = replies;
    this.#underway = underway;
  }

  /**
   * Stores the answers in the transaction, without waiting for it; returns the publishing to do in
   * `beforeAck`.
   */
  settle(tx: Transaction, answers: readonly DeferredAnswer[]): () => Promise<void> {
    tx.afterCommit(() => this.#underway.end(answers.map(({ requestId }) => requestId)));
    const settling = this.#inbox.settle(
      tx,
      answers.map(({ requestId, outcome }) => ({ messageId: requestId, outcome })),
    );
    // Should it fail, so does the COMMIT behind it, and nobody asks for the publishing.
    settling.catch(() => undefined);
    return async () => this.#publish(await settling);
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
