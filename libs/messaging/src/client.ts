import type { Contract, Outcome } from '@encore/contracts';
import type { z } from 'zod';

export interface AskOptions {
  readonly timeoutMs: number;
  readonly correlationId: string;
  /** The same id for the same intent makes asking again safe; random when absent. */
  readonly messageId?: string;
  /** Hash of what the caller wants: the same id with another fingerprint is a KeyReusedError. */
  readonly fingerprint?: string;
  readonly traceparent?: string;
}

/** An outcome, and whether it is the stored one of an earlier request under the same id. */
export type Answer<C extends Contract<'request' | 'query'>> = Outcome<C> & {
  readonly replayed: boolean;
};

/** Asks other services. Throws one of five errors, which say what the caller may conclude. */
export class ServiceClient {
  ask<C extends Contract<'request' | 'query'>>(
    _contract: C,
    _payload: z.input<C['payload']>,
    _options: AskOptions,
  ): Promise<Answer<C>> {
    throw new Error('not built yet');
  }
}
