import { describe, expect, it } from '@jest/globals';
import { RateLimiter } from './rate-limiter.js';

const options = { windowSeconds: 10, userRequests: 2, addressRequests: 3, maxKeys: 2 };
const address = '10.0.0.1';

describe('the rate limiter', () => {
  it('allows so many requests of a user in a window and then none until it is over', () => {
    const limiter = new RateLimiter(options);
    const take = (nowMs: number) => limiter.takeFor({ userId: 7, address }, nowMs);
    expect([take(0), take(1), take(9_999)].map(({ allowed }) => allowed)).toEqual([
      true,
      true,
      false,
    ]);
    expect(take(10_000)).toMatchObject({ allowed: true, remaining: 1, resetSeconds: 10 });
  });

  it('counts users each for themselves and strangers by address', () => {
    const limiter = new RateLimiter({ ...options, maxKeys: 10 });
    for (let request = 0; request < 3; request += 1) limiter.takeFor({ userId: 7, address }, 0);
    expect(limiter.takeFor({ userId: 8, address }, 0).allowed).toBe(true);
    expect(limiter.takeFor({ address }, 0)).toMatchObject({ policy: 'address', remaining: 2 });
  });

  it('says what is left in the header fields of the draft', () => {
    const limiter = new RateLimiter(options);
    const headers = limiter.headersOf(limiter.takeFor({ userId: 7, address }, 0));
    expect(headers).toEqual({ policy: '"user";q=2;w=10', state: '"user";r=1;t=10' });
  });

  it('forgets whom it saw longest ago when there are too many', () => {
    const limiter = new RateLimiter(options);
    for (const userId of [1, 1, 2, 3]) limiter.takeFor({ userId, address }, 0);
    expect(limiter.takeFor({ userId: 1, address }, 0)).toMatchObject({ remaining: 1 });
  });
});
