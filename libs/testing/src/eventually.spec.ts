import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('returns what the assertion returns once it holds', async () => {
    let tries = 0;
    const result = await eventually(() => {
      tries += 1;
      expect(tries).toBeGreaterThanOrEqual(3);
      return `after ${tries}`;
    });
    expect(result).toBe('after 3');
  });

  it('fails with the reason the assertion gave last, not with a timeout of its own', async () => {
    let tries = 0;
    const attempt = eventually(
      () => {
        tries += 1;
        throw new Error(`still ${tries}`);
      },
      { timeoutMs: 50 },
    );
    await expect(attempt).rejects.toThrow(/^still \d+$/);
    expect(tries).toBeGreaterThan(1);
  });

  it('waits for an assertion that is a promise', async () => {
    let tries = 0;
    await eventually(async () => {
      tries += 1;
      await expect(Promise.resolve(tries)).resolves.toBe(2);
    });
    expect(tries).toBe(2);
  });
});
