import { randomUUID } from 'node:crypto';
import type { Contract, Outcome, ReplyOf } from '@encore/contracts';
import { firstValueFrom } from 'rxjs';
import type { z } from 'zod';
import type { AnswerBody } from './answers.js';
import { isMessageId } from './envelope.js';
import {
  ForbiddenActorError,
  InProgressError,
  InvalidMessageError,
  KeyReusedError,
  ServiceFaultError,
  ServiceUnavailableError,
} from './errors.js';
import type { Question, RequestProxy } from './request-proxy.js';

export interface AskOptions {
  readonly timeoutMs: number;
  readonly correlationId: string;
  /** The same id for the same intent makes asking again safe; random when absent. */
  readonly messageId?: string;
  /** Hash of what the caller wants: the same id with another fingerprint is a KeyReusedError. */
  readonly fingerprint?: string | undefined;
  readonly traceparent?: string | undefined;
  /** Signed proof of who asks; without it only what is for anyone is answered. */
  readonly actor?: string | undefined;
}

/** An outcome, and whether it is the stored one of an earlier request under the same id. */
export type Answer<C extends Contract<'request' | 'query'>> = Outcome<C> & {
  readonly replayed: boolean;
};

/** Asks other services. Throws one of six errors, which say what the caller may conclude. */
export class ServiceClient {
  readonly #proxy: RequestProxy;

  constructor(proxy: RequestProxy) {
    this.#proxy = proxy;
  }

  /**
   * Grows whenever the broker was lost, for however short a time: whoever finds it grown knows that
   * what was sent meanwhile may have waited, and that answers may have been lost.
   */
  get interruptions(): number {
    return this.#proxy.interruptions;
  }

  /**
   * @throws ServiceUnavailableError surely not handled
   * @throws OutcomeUnknownError sent, but no answer came
   * @throws ServiceFaultError the handler failed, or answered with something its contract forbids
   * @throws ForbiddenActorError the contract asks for somebody else's word
   * @throws KeyReusedError the message id was used before for something else
   * @throws InProgressError the same request is being worked on for another caller
   */
  async ask<C extends Contract<'request' | 'query'>>(
    contract: C,
    payload: z.input<C['payload']>,
    options: AskOptions,
  ): Promise<Answer<C>> {
    const question = questionOf(contract, payload, options);
    const answer = await firstValueFrom(
      this.#proxy.send<AnswerBody, Question>(contract.wireName, question),
    );
    return read(contract, question.id, answer);
  }
}

function questionOf(contract: Contract, body: unknown, options: AskOptions): Question {
  const { timeoutMs, correlationId, messageId, fingerprint, traceparent, actor } = options;
  const id = messageId ?? randomUUID();
  if (!isMessageId(id)) throw new InvalidMessageError(`"${id}" is not a uuid in lower case`);
  return {
    service: contract.service,
    type: contract.wireName,
    id,
    body,
    correlationId,
    deadline: Date.now() + timeoutMs,
    fingerprint,
    traceparent,
    actor,
  };
}

function read<C extends Contract<'request' | 'query'>>(
  contract: C,
  messageId: string,
  answer: AnswerBody,
): Answer<C> {
  const { service } = contract;
  switch (answer.kind) {
    case 'outcome':
      return asAnswer(contract, answer.outcome, answer.replayed);
    case 'fault':
      throw new ServiceFaultError(service, answer.reason);
    case 'unavailable':
      throw new ServiceUnavailableError(service, answer.reason);
    case 'forbidden':
      throw new ForbiddenActorError(service, answer.reason);
    case 'key-reused':
      throw new KeyReusedError(messageId);
    case 'in-progress':
      throw new InProgressError(messageId);
  }
}

/** What a service says is checked like everything that comes from outside. */
function asAnswer<C extends Contract<'request' | 'query'>>(
  contract: C,
  outcome: Outcome<Contract>,
  replayed: boolean,
): Answer<C> {
  if (!outcome.ok) return { ...outcome, replayed };
  const parsed = contract.reply.safeParse(outcome.value);
  if (!parsed.success) {
    throw new ServiceFaultError(contract.service, `a reply breaks ${contract.wireName}`);
  }
  return { ok: true, value: parsed.data as ReplyOf<C>, replayed };
}
