import type { Contract, MessageKind } from '@encore/contracts';
import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { HandlerExtras } from './decorators.js';
import type { Delivery } from './delivery.js';
import type { WireMessage } from './envelope.js';
import type { Received, ReceivedReply } from './handling.js';

/** One message on its way to a handler. */
export interface Item {
  readonly message: WireMessage;
  readonly delivery: Delivery;
  readonly received: Received<Contract> | ReceivedReply;
}

/** A handler of this service, as Nest has wrapped it. */
export interface Handler {
  /** Wire name, or `replies`. */
  readonly type: string;
  readonly kind: MessageKind | 'reply';
  readonly role: HandlerExtras['role'];
  readonly each: boolean;
  readonly contract: Contract | undefined;
  readonly call: MessageHandler;
}

export function isDurable(kind: Handler['kind']): boolean {
  return kind === 'command' || kind === 'event' || kind === 'reply';
}

/**
 * Runs a handler with its guards, pipes and interceptors. Nest never rejects: a fault comes out of
 * an observable, and only whoever waits for its last value sees it.
 */
export async function invoke(handler: Handler, data: unknown, context: object): Promise<unknown> {
  const result: unknown = await handler.call(data, context);
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}
