import { createHash, randomUUID } from 'node:crypto';
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
    fingerprint: createHash('sha256').update(canonicalJson(attempt.body)).digest('hex'),
  };
}

/** The same text for the same value, however its keys were ordered. */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return 'undefined';
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(
      Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)),
    );
  });
}
