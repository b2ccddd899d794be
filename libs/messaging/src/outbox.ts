import type { EventContract, PayloadOf } from '@encore/contracts';
import type { Transaction } from '@encore/database';

export interface Cause {
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
}

/** Events written in the transaction that makes them true, published right after its commit. */
export class Outbox {
  announce<C extends EventContract>(
    _tx: Transaction,
    _contract: C,
    _payloads: readonly PayloadOf<C>[],
    _cause?: Cause,
  ): Promise<void> {
    throw new Error('not built yet');
  }
  /** Publishes what a process that died left behind; returns how many. For a ticker. */
  sweep(): Promise<number> {
    throw new Error('not built yet');
  }
  /** Age of the oldest unpublished event; 0 when there is none. */
  oldestAgeSeconds(): Promise<number> {
    throw new Error('not built yet');
  }
}
