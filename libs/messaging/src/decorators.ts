import type { Contract, EventContract, Outcome } from '@encore/contracts';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BatchContext, Deferred, Received, ReceivedReply } from './handling.js';
import { passFaultsThrough } from './fault-filter.js';

/** How the transport calls a handler and what it does around it. */
export type HandlerRole = 'handles' | 'handles-anew' | 'answers' | 'listens' | 'listens-to-replies';

export interface HandlerExtras {
  readonly role: HandlerRole;
  /** One message at a time, each in a transaction of its own, instead of a batch. */
  readonly each: boolean;
  /** Undefined only for the replies handler, which takes every reply there is. */
  readonly contract?: Contract;
}

/** The pattern under which the replies handler is registered; no wire name looks like this. */
export const REPLIES_PATTERN = 'replies';

type Handler = (...parameters: never[]) => Promise<unknown>;
type HandlerDecorator<Shape extends Handler> = <Method extends Shape>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

type Asked<Kind extends 'command' | 'request' | 'query'> = Contract<Kind>;

/**
 * Handles commands or requests of one type: a whole batch inside one transaction, after the inbox
 * took out what was handled before. Answers in the same length and order. Whatever it throws is a
 * fault: the batch is halved until the culprit stands alone.
 */
export function Handles<C extends Asked<'command' | 'request'>>(
  contract: C,
): HandlerDecorator<
  (messages: Received<C>[], context: BatchContext) => Promise<readonly (Outcome<C> | Deferred)[]>
> {
  return handler(contract.wireName, { role: 'handles', each: false, contract });
}

/** Like `Handles`, one message at a time, each in a transaction of its own. */
export function HandlesEach<C extends Asked<'command' | 'request'>>(
  contract: C,
): HandlerDecorator<
  (message: Received<C>, context: BatchContext) => Promise<Outcome<C> | Deferred>
> {
  return handler(contract.wireName, { role: 'handles', each: true, contract });
}

/**
 * Like `Handles`, without the inbox: a request that comes again is decided on again, by what its
 * handler finds, and may be told something else. For those where nothing hangs on the first answer.
 */
export function HandlesAnew<C extends Asked<'request'>>(
  contract: C,
): HandlerDecorator<
  (requests: Received<C>[], context: BatchContext) => Promise<readonly Outcome<C>[]>
> {
  return handler(contract.wireName, { role: 'handles-anew', each: false, contract });
}

/** Answers queries of one type: a whole batch, without transaction and inbox. */
export function Answers<C extends Asked<'query'>>(
  contract: C,
): HandlerDecorator<(queries: Received<C>[]) => Promise<readonly Outcome<C>[]>> {
  return handler(contract.wireName, { role: 'answers', each: false, contract });
}

/** Like `Answers`, one query at a time, several at once within the transport's limit. */
export function AnswersEach<C extends Asked<'query'>>(
  contract: C,
): HandlerDecorator<(query: Received<C>) => Promise<Outcome<C>>> {
  return handler(contract.wireName, { role: 'answers', each: true, contract });
}

/**
 * Listens to events of one type: a whole batch inside one transaction, each event once. The type
 * must be among the service's `SUBSCRIPTIONS`, so that announcers keep events for a service that
 * sleeps.
 */
export function Listens<C extends EventContract>(
  contract: C,
): HandlerDecorator<(events: Received<C>[], context: BatchContext) => Promise<void>> {
  return handler(contract.wireName, { role: 'listens', each: false, contract });
}

/**
 * Takes the replies to the commands this service sent: a batch inside one transaction. Replies are
 * not filtered for duplicates, because a reply that comes again may mean that its consequences were
 * committed but never published: the handler knows by its own state.
 */
export function ListensReplies(): HandlerDecorator<
  (replies: ReceivedReply[], context: BatchContext) => Promise<void>
> {
  return handler(REPLIES_PATTERN, { role: 'listens-to-replies', each: false });
}

function handler(pattern: string, extras: HandlerExtras) {
  return (target: object, key: string | symbol, descriptor: PropertyDescriptor): void => {
    // Nest hands a method only the parameters somebody marked: these two are always the same.
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    passFaultsThrough(target);
    MessagePattern(pattern, { ...extras })(target, key, descriptor);
  };
}
