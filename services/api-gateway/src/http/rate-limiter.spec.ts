import { describe, expect, it } from '@jest/globals';
import { RateLimiter } from './rate-limiter.js';

const lanes = {
  selling: { userRequests: 2, addressRequests: 3 },
  other: { userRequests: 5, addressRequests: 4 },
};
const options = { windowSeconds: 10, lanes, maxKeys: 10 };
const mina = { userId: 7 };
const home = { address: '10.0.0.1' };

describe('the rate limiter', () => {
  it('allows so many requests of a user in a window and then none until it is over', () => {
    const limiter = new RateLimiter(options);
    const take = (nowMs: number) => limiter.take('selling', mina, nowMs);
    expect([take(0), take(1), take(9_999)].map(({ allowed }) => allowed)).toEqual([
      true,
      true,
      false,
    ]);
    expect(take(10_000)).toMatchObject({ allowed: true, remaining: 1, resetSeconds: 10 });
  });

  it('counts users and addresses each for themselves', () => {
    const limiter = new RateLimiter(options);
    for (let request = 0; request < 3; request += 1) limiter.take('selling', mina, 0);
    expect(limiter.take('selling', { userId: 8 }, 0)).toMatchObject({ remaining: 1 });
    expect(limiter.take('selling', home, 0)).toMatchObject({
      policy: 'selling-address',
      remaining: 2,
    });
  });

  it('leaves a lane alone when the other one is used up', () => {
    const limiter = new RateLimiter(options);
    for (let request = 0; request < 6; request += 1) limiter.take('other', mina, 0);
    expect(limiter.take('other', mina, 0).allowed).toBe(false);
    expect(limiter.take('selling', mina, 0)).toMatchObject({ allowed: true, remaining: 1 });
  });

  it('says what is left in the header fields of the draft', () => {
    const limiter = new RateLimiter(options);
    const headers = limiter.headersOf(limiter.take('selling', mina, 0));
    expect(headers).toEqual({
      policy: '"selling-user";q=2;w=10',
      state: '"selling-user";r=1;t=10',
    });
  });

  it('never tells a client to come back at once', () => {
    const limiter = new RateLimiter(options);
    limiter.take('selling', mina, 0);
    expect(limiter.take('selling', mina, 9_999.9)).toMatchObject({ resetSeconds: 1 });
  });

  it('forgets whom it saw longest ago when there are too many', () => {
    const limiter = new RateLimiter({ ...options, maxKeys: 2 });
    for (const userId of [1, 1, 2, 3]) limiter.take('selling', { userId }, 0);
    expect(limiter.take('selling', { userId: 1 }, 0)).toMatchObject({ remaining: 1 });
  });
});
