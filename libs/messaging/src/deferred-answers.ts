import type { AskableContract, Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import type { Caller, Inbox, Recall } from './inbox.js';
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
  readonly #underway: Pick<Underway, 'end' | 'callersOf'>;

  constructor(
    inbox: Inbox,
    replies: ReplyPublisher,
    underway: Pick<Underway, 'end' | 'callersOf'>,
  ) {
    this.#inbox = inbox;
    this.#replies = replies;
    this.#underway = underway;
  }

  /**
   * Stores the answers in the transaction, without waiting for it; returns the publishing to do in
   * `beforeAck`.
   */
  settle(tx: Transaction, answers: readonly DeferredAnswer[]): () => Promise<void> {
    this.#endWith(tx, answers);
    const settling = this.#inbox.settle(
      tx,
      answers.map(({ requestId, outcome }) => ({ messageId: requestId, outcome })),
    );
    return this.#publishing(answers, settling, new Map());
  }

  /**
   * Like `settle`, for answers that the service can recall from its own rows: nothing is stored.
   */
  tell(tx: Transaction, answers: readonly DeferredAnswer[]): () => Promise<void> {
    this.#endWith(tx, answers);
    const ids = answers.map(({ requestId }) => requestId);
    const remembered = this.#underway.callersOf(ids);
    const forgotten = ids.filter((id) => !remembered.has(id));
    return this.#publishing(answers, this.#inbox.callers(tx, forgotten), remembered);
  }

  /** How to recall what was only told. For every type whose answers are told, before any is. */
  recallWith(contract: AskableContract, recall: Recall): void {
    this.#inbox.recallWith(contract, recall);
  }

  /** Publishes answers again: a duplicate said that somebody may have died before publishing. */
  async resend(requestIds: readonly string[]): Promise<void> {
    const known = await this.#inbox.find(requestIds);
    await this.#replies.publish(
      known.flatMap(({ messageId: id, messageType: type, reply, ...caller }) =>
        reply === null ? [] : asAnswer(askedBy({ id, type, ...caller }), reply),
      ),
    );
  }

  #endWith(tx: Transaction, answers: readonly DeferredAnswer[]): void {
    tx.afterCommit(() => this.#underway.end(answers.map(({ requestId }) => requestId)));
  }

  #publishing(
    answers: readonly DeferredAnswer[],
    asking: Promise<Caller[]>,
    remembered: ReadonlyMap<string, Asked | undefined>,
  ): () => Promise<void> {
    // Should it fail, so does the COMMIT behind it, and nobody asks for the publishing.
    asking.catch(() => undefined);
    return async () => {
      const callers = new Map(remembered);
      for (const caller of await asking) callers.set(caller.id, askedBy(caller));
      await this.#replies.publish(
        answers.flatMap(({ requestId, outcome }) => asAnswer(callers.get(requestId), outcome)),
      );
    };
  }
}

function askedBy({ replyTo, traceparent, ...caller }: Caller): Asked | undefined {
  return replyTo === null
    ? undefined
    : { ...caller, replyTo, traceparent: traceparent ?? undefined };
}

function asAnswer(asked: Asked | undefined, outcome: Outcome<AskableContract>) {
  if (asked === undefined) return [];
  return [{ asked, answer: { kind: 'outcome' as const, outcome, replayed: false } }];
}
