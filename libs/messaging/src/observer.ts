import type { MessageKind } from '@encore/contracts';

export type BatchOutcome = 'done' | 'fault' | 'unavailable';

export interface HandledBatch {
  /** Wire name; `replies` for the replies handler. */
  readonly type: string;
  readonly kind: MessageKind | 'reply';
  /** Messages in the batch, repeated ones included. */
  readonly size: number;
  readonly seconds: number;
  /**
   * `fault` when the batch was rolled back: it is halved, or its only message is retried or parked.
   */
  readonly outcome: BatchOutcome;
}

/** What the transport tells about itself; the service kit turns it into metrics. Must not throw. */
export interface MessagingObserver {
  batchHandled(batch: HandledBatch): void;
  /** A repeated message was answered with its stored reply. */
  storedReplySent(type: string): void;
  /** A durable message goes up the ladder. */
  messageRetried(type: string, attempt: number): void;
  messageParked(type: string, cause: string): void;
  /** A request came past its deadline and was not handled. */
  expiredDropped(type: string): void;
  /** An event came to which the service is not subscribed any more. */
  unsubscribedDropped(type: string): void;
  envelopePublished(destination: string, messages: number): void;
  /** The broker had no queue for an envelope. */
  envelopeReturned(destination: string): void;
  /** An answer found its caller gone. */
  answerUndeliverable(type: string): void;
  reconnected(connection: string): void;
  channelReopened(channel: string): void;
}

function ignore(): void {
  return undefined;
}

export const silentObserver: MessagingObserver = Object.freeze({
  batchHandled: ignore,
  storedReplySent: ignore,
  messageRetried: ignore,
  messageParked: ignore,
  expiredDropped: ignore,
  unsubscribedDropped: ignore,
  envelopePublished: ignore,
  envelopeReturned: ignore,
  answerUndeliverable: ignore,
  reconnected: ignore,
  channelReopened: ignore,
});
