import type { AskableContract, Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';

export interface DeferredAnswer {
  /** The id of the request whose handler said `DEFERRED`. */
  readonly requestId: string;
  readonly outcome: Outcome<AskableContract>;
}

/** Answers requests that their handler deferred. */
export class DeferredAnswers {
  /** Stores the answers in the transaction; returns the publishing to do in `beforeAck`. */
  settle(_tx: Transaction, _answers: readonly DeferredAnswer[]): Promise<() => Promise<void>> {
    throw new Error('not built yet');
  }
  /** Publishes stored answers again: a duplicate said that somebody may have died before publishing. */
  resend(_requestIds: readonly string[]): Promise<void> {
    throw new Error('not built yet');
  }
}
