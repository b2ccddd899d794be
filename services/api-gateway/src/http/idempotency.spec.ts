import { describe, expect, it } from '@jest/globals';
import { canonicalJson, idempotencyKeyOf, repeatableIdOf, type Attempt } from './idempotency.js';

const attempt: Attempt = {
  endpoint: { method: 'POST', path: '/v1/reservations/:reservationId/extension' },
  userId: 7,
  params: { reservationId: 30 },
  body: { a: 1, b: { c: 2, d: 3 } },
  key: 'key-1',
};

describe('the id of a change', () => {
  it('is the same for the same user, route, path and key', () => {
    const { messageId } = repeatableIdOf(attempt);
    expect(repeatableIdOf({ ...attempt }).messageId).toBe(messageId);
    expect(repeatableIdOf({ ...attempt, body: 'another' }).messageId).toBe(messageId);
  });

  it('differs as soon as one of them differs', () => {
    const others: Attempt[] = [
      { ...attempt, key: 'key-2' },
      { ...attempt, userId: 8 },
      { ...attempt, userId: undefined },
      { ...attempt, params: { reservationId: 31 } },
      { ...attempt, endpoint: { ...attempt.endpoint, method: 'DELETE' } },
      { ...attempt, endpoint: { ...attempt.endpoint, path: '/v1/other' } },
    ];
    const ids = [attempt, ...others].map((one) => repeatableIdOf(one).messageId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is new each time without a key, and has no fingerprint', () => {
    const keyless = { ...attempt, key: undefined };
    expect(repeatableIdOf(keyless).messageId).not.toBe(repeatableIdOf(keyless).messageId);
    expect(repeatableIdOf(keyless).fingerprint).toBeUndefined();
  });
});

describe('the fingerprint of a body', () => {
  it('does not depend on the order of keys', () => {
    const reordered = { b: { d: 3, c: 2 }, a: 1 };
    const { fingerprint } = repeatableIdOf({ ...attempt, body: reordered });
    expect(fingerprint).toBe(repeatableIdOf(attempt).fingerprint);
  });

  it('depends on every value and on the order of lists', () => {
    const bodies = [undefined, {}, { a: 1 }, { a: '1' }, { a: [1, 2] }, { a: [2, 1] }];
    const prints = bodies.map((body) => repeatableIdOf({ ...attempt, body }).fingerprint);
    expect(new Set(prints).size).toBe(bodies.length);
  });

  it('comes from a text with sorted keys', () => {
    expect(canonicalJson({ b: [{ z: 1, y: 2 }], a: null })).toBe('{"a":null,"b":[{"y":2,"z":1}]}');
  });
});

describe('an idempotency key', () => {
  it('may be absent', () => expect(idempotencyKeyOf(undefined)).toBeUndefined());

  it.each(['a', 'x'.repeat(255), '~!"', 'b7c2-11'])('may be %s', (key) => {
    expect(idempotencyKeyOf(key)).toBe(key);
  });

  it.each(['', ' ', 'a b', 'x'.repeat(256), 'é', 'a\t', ['a', 'b']])('may not be %j', (key) => {
    expect(() => idempotencyKeyOf(key)).toThrow('Idempotency-Key');
  });
});
