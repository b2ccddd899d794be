import type { RequestFault } from './problem.js';

/** Keys that reach into prototypes when somebody merges objects carelessly. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN_KEYS.has(key);
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/**
 * Looks through a parsed body for what no schema should have to think of: nesting beyond the
 * limit, keys that reach into prototypes, text no database can store. Undefined when there is
 * nothing to object to.
 */
export function screenJson(
  value: unknown,
  maxDepth: number,
  at = '',
  depth = 0,
): RequestFault | undefined {
  if (typeof value === 'string') return screenText(value, 'body', at);
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= maxDepth) {
    return { in: 'body', at, message: `must not nest deeper than ${maxDepth} levels` };
  }
  const entries = Array.isArray(value)
    ? value.map((item: unknown, index) => [String(index), item] as const)
    : Object.entries(value as Record<string, unknown>);
  for (const [key, item] of entries) {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const fault = isForbiddenKey(key)
      ? { in: 'body' as const, at: pointer, message: 'is not an allowed name' }
      : (screenText(key, 'body', at) ?? screenJson(item, maxDepth, pointer, depth + 1));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

export function screenText(
  text: string,
  where: RequestFault['in'],
  at: string,
): RequestFault | undefined {
  if (!UNSTORABLE.test(text)) return undefined;
  return { in: where, at, message: 'holds a character that is not text' };
}
