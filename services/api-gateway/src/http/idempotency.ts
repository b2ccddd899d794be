import { hash, randomUUID } from 'node:crypto';
import { messageIdOf } from '@encore/messaging';
import type { Endpoint } from './endpoint.js';
import { invalidRequest } from './problem.js';

export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';
const KEY = /^[\x21-\x7e]{1,255}$/;

/** The key of a request that changes something; undefined when the client gave none. */
export function idempotencyKeyOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw invalidRequest([
    {
      in: 'header',
      at: 'Idempotency-Key',
      message: 'must be 1 to 255 visible ASCII characters',
    },
  ]);
}

export interface Attempt {
  readonly endpoint: Pick<Endpoint, 'method' | 'path'>;
  /** Undefined for calls anybody may make: their keys share one space. */
  readonly userId: number | undefined;
  readonly params: unknown;
  readonly body: unknown;
  readonly key: string | undefined;
}

export interface RepeatableId {
  readonly messageId: string;
  readonly fingerprint?: string;
}

/**
 * The id under which a service does this at most once: the same for the same user, route, path and
 * key. The services' inboxes keep it with the answer, so that it survives a restart of every
 * process.
 */
export function repeatableIdOf(attempt: Attempt): RepeatableId {
  if (attempt.key === undefined) return { messageId: randomUUID() };
  const { method, path } = attempt.endpoint;
  const user = attempt.userId === undefined ? 'anybody' : String(attempt.userId);
  return {
    messageId: messageIdOf('v1', user, method, path, canonicalJson(attempt.params), attempt.key),
    fingerprint: hash('sha256', canonicalJson(attempt.body)),
  };
}

/** The same text for the same value, however its keys were ordered. */
export function canonicalJson(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(inOrder(value));
}

/** A body is nothing but what JSON holds, so it can be put in order before it is written. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, item]) => [key, inOrder(item)]),
  );
}
