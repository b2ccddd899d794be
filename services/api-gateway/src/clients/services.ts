import {
  STORED_ANSWERS,
  SERVICES,
  type Contract,
  type Outcome,
  type ReplyOf,
  type ServiceName,
} from '@encore/contracts';
import {
  InProgressError,
  KeyReusedError,
  OutcomeUnknownError,
  type ServiceClient,
  ServiceUnavailableError,
  type Answer,
  type AskOptions,
} from '@encore/messaging';
import type { ActorSigner, Logger } from '@encore/service-kit';
import CircuitBreaker from 'opossum';
import type { z } from 'zod';
import type { Change, Done, Origin } from '../application/caller.js';
import { RefusalError } from './refusal-error.js';

export interface ServicesOptions {
  readonly queryDeadlineMs: number;
  readonly requestDeadlineMs: number;
  /** How long to wait for what ends only when several services did their part. */
  readonly waitingDeadlineMs: number;
  readonly breakerWindowMs: number;
  readonly breakerVolumeCalls: number;
  readonly breakerErrorPercent: number;
  readonly breakerResetMs: number;
  readonly bulkheadCalls: number;
  readonly bulkheadWaitingCalls: number;
}

type Asked = Contract<'request' | 'query'>;
type Send = () => Promise<unknown>;
type Lane = 'quick' | 'waiting';

/**
 * Asks the services, each behind a breaker and a bulkhead of its own, so that one that is away
 * costs its callers nothing but a quick 503. What waits long (a payment for its end) has a lane of
 * its own: it must not take the places of reads, and that it waits is no sign of a failing
 * service.
 */
export class Services {
  private readonly breakers = new Map<string, CircuitBreaker<[Send]>>();

  constructor(
    private readonly client: Pick<ServiceClient, 'ask'>,
    private readonly options: ServicesOptions,
    private readonly logger: Logger,
    private readonly actors: Pick<ActorSigner, 'sign'>,
  ) {
    for (const service of SERVICES) {
      this.breakers.set(`${service}:quick`, this.breakerOf(service, 'quick'));
      this.breakers.set(`${service}:waiting`, this.breakerOf(service, 'waiting'));
    }
  }

  /**
   * A read. Whatever goes wrong, nothing was changed, so an answer that is late is "unavailable".
   */
  async query<C extends Contract<'query'>>(
    contract: C,
    payload: z.input<C['payload']>,
    origin: Origin,
  ): Promise<ReplyOf<C>> {
    try {
      const timeoutMs = this.options.queryDeadlineMs;
      const answer = await this.ask('quick', contract, payload, this.optionsOf(origin, timeoutMs));
      return acceptedOr(answer);
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
      throw new ServiceUnavailableError(error.service, error.reason);
    }
  }

  /** A change, done at most once under the id it carries. */
  async request<C extends Contract<'request'>>(
    contract: C,
    payload: z.input<C['payload']>,
    change: Change,
    lane: Lane = 'quick',
  ): Promise<Done<ReplyOf<C>>> {
    const answer = await this.ask(lane, contract, payload, this.changeOptions(change, lane));
    return { value: acceptedOr(answer), replayed: answer.replayed };
  }

  /**
   * The answer an earlier request under the same id got; undefined when there was none. Never makes
   * the change, so it may be asked for by whoever may not make it any more.
   */
  async recall<C extends Contract<'request'>>(
    contract: C,
    change: Change,
  ): Promise<Done<ReplyOf<C>> | undefined> {
    const { messageId, fingerprint } = change;
    const { request } = await this.query(STORED_ANSWERS[contract.service], { messageId }, change);
    if (request === null) return undefined;
    if (request.type !== contract.wireName || request.fingerprint !== (fingerprint ?? null)) {
      throw new KeyReusedError(messageId);
    }
    if (request.outcome === null) throw new InProgressError(messageId);
    const outcome = request.outcome as Outcome<C>;
    if (!outcome.ok) throw new RefusalError(outcome.refusal, outcome.detail);
    return { value: contract.reply.parse(outcome.value) as ReplyOf<C>, replayed: true };
  }

  private changeOptions(change: Change, lane: Lane): AskOptions {
    const { requestDeadlineMs, waitingDeadlineMs } = this.options;
    return {
      ...this.optionsOf(change, lane === 'quick' ? requestDeadlineMs : waitingDeadlineMs),
      messageId: change.messageId,
      ...(change.fingerprint === undefined ? {} : { fingerprint: change.fingerprint }),
    };
  }

  /** Every question says who it is for, in words its service can check. */
  private optionsOf({ requestId, traceparent, identity }: Origin, timeoutMs: number): AskOptions {
    const options = { timeoutMs, correlationId: requestId, traceparent };
    return identity === undefined ? options : { ...options, actor: this.actors.sign(identity) };
  }

  close(): void {
    for (const breaker of this.breakers.values()) breaker.shutdown();
  }

  private async ask<C extends Asked>(
    lane: Lane,
    contract: C,
    payload: z.input<C['payload']>,
    options: AskOptions,
  ): Promise<Answer<C>> {
    const breaker = this.breakers.get(`${contract.service}:${lane}`);
    if (breaker === undefined) throw new TypeError(`no breaker for ${contract.service}`);
    let answer: Answer<C> | undefined;
    try {
      await breaker.fire(async () => {
        answer = await this.client.ask(contract, payload, options);
      });
    } catch (error) {
      throw CircuitBreaker.isOurError(asError(error))
        ? new ServiceUnavailableError(contract.service, asError(error).message)
        : error;
    }
    if (answer === undefined) throw new TypeError(`${contract.wireName} was answered by nothing`);
    return answer;
  }

  private breakerOf(service: ServiceName, lane: Lane): CircuitBreaker<[Send]> {
    const { options } = this;
    const breaker = new CircuitBreaker((send: Send) => send(), {
      name: `${service}:${lane}`,
      // Every call has a deadline of its own, which also tells the service when to stop caring.
      timeout: false,
      rollingCountTimeout: options.breakerWindowMs,
      volumeThreshold: options.breakerVolumeCalls,
      errorThresholdPercentage: options.breakerErrorPercent,
      resetTimeout: options.breakerResetMs,
      capacity: lane === 'quick' ? options.bulkheadCalls : options.bulkheadWaitingCalls,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorFilter: (error: unknown) => !saysServiceIsAway(error, lane),
    });
    breaker.on('open', () =>
      this.logger.warn({ service, lane }, `${service} is not asked for now`),
    );
    breaker.on('close', () => this.logger.info({ service, lane }, `${service} is asked again`));
    return breaker;
  }
}

/**
 * Only these speak against the whole service. A handler that failed may be one poisonous request,
 * and it proves that the service is there; a key reused is the caller's mistake.
 */
function saysServiceIsAway(error: unknown, lane: Lane): boolean {
  if (error instanceof ServiceUnavailableError) return true;
  return lane === 'quick' && error instanceof OutcomeUnknownError;
}

function acceptedOr<C extends Asked>(answer: Outcome<C>): ReplyOf<C> {
  if (answer.ok) return answer.value;
  throw new RefusalError(answer.refusal, answer.detail);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
