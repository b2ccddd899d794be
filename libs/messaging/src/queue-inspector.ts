export interface QueueStatus {
  readonly queue: string;
  /** Messages (envelopes) ready, not counting those handed out. */
  readonly depth: number;
  /** Handed out and not yet acked, as the consuming instances report. */
  readonly unacknowledged: number;
  readonly consumers: number;
  /** Age of the oldest message anybody knows of; null when the queue is empty or nobody knows. */
  readonly oldestAgeSeconds: number | null;
}

export interface ParkedMessage {
  readonly messageId: string;
  readonly type: string;
  readonly service: string;
  /** The queue it came from; null when the broker itself parked it and kept no trace. */
  readonly originQueue: string | null;
  readonly cause: { readonly name: string; readonly message: string; readonly stack: string };
  readonly attempts: number;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly firstFailedAt: Date | null;
  readonly parkedAt: Date | null;
  readonly body: unknown;
}

/** Looks into every queue of the system without consuming anything. */
export class QueueInspector {
  start(): void {
    throw new Error('not built yet');
  }
  inspect(): Promise<QueueStatus[]> {
    throw new Error('not built yet');
  }
  peekParked(_service: string, _limit: number): Promise<ParkedMessage[]> {
    throw new Error('not built yet');
  }
}
