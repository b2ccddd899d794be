import type { AnyContract, AskableContract, Outcome, PayloadOf } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import type { Actor } from './actor.js';

/**
 * One message as its handler sees it: unpacked, validated, and not handled before; should that turn
 * out wrong, whatever its handler wrote is undone.
 */
export interface Received<C extends AnyContract> {
  /** The message's id: the same one however often it is sent. */
  readonly id: string;
  readonly payload: PayloadOf<C>;
  readonly correlationId: string;
  readonly causationId?: string | undefined;
  readonly traceparent?: string | undefined;
  /** Of requests and queries that are not for anyone: who asks, verified. */
  readonly actor?: Actor | undefined;
  readonly sentAt: Date;
  /** 1 the first time; grows with every trip up the retry ladder. */
  readonly attempt: number;
}

/** The answer to a durable command this service sent earlier. May come more than once. */
export interface ReceivedReply {
  readonly id: string;
  /** The id of the command that is answered. */
  readonly inReplyTo: string;
  /** The wire name of that command. */
  readonly type: string;
  readonly outcome: Outcome<AskableContract>;
  readonly correlationId: string;
  readonly traceparent?: string | undefined;
}

export interface BatchContext {
  /** The transaction of the whole batch. The transport opened it and commits it. */
  readonly tx: Transaction;
  /**
   * Publishes what the commit promised: runs after the commit and is awaited before the ack. It is
   * tried again until it succeeds, so it must be safe to repeat. Forgotten when the batch rolls
   * back.
   */
  beforeAck(work: () => Promise<void>): void;
}

/** Says that a request is answered later, by another batch, through `DeferredAnswers`. */
export const DEFERRED: unique symbol = Symbol('encore.deferred');
export type Deferred = typeof DEFERRED;
