import type { Contract, PayloadOf } from '@encore/contracts';

export interface OutgoingCommand<C extends Contract<'command'> = Contract<'command'>> {
  readonly id: string;
  readonly contract: C;
  readonly payload: PayloadOf<C>;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly traceparent?: string;
}

/** Sends durable commands; replies come to this service's replies queue. */
export class CommandSender {
  /** Resolves when the broker has confirmed all of them. */
  send(_commands: readonly OutgoingCommand[]): Promise<void> {
    throw new Error('not built yet');
  }
}
