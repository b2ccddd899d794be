import { describe, expect, it } from '@jest/globals';
import { backoffMs, pause, within } from './pause.js';

describe('backoff', () => {
  it('grows to its longest and no further, and is never the same for everybody', () => {
    for (const [failures, ceiling] of [
      [0, 100],
      [1, 200],
      [4, 1_600],
      [5, 2_000],
      [1_000, 2_000],
    ] as const) {
      const pauses = Array.from({ length: 100 }, () => backoffMs(failures, 100, 2_000));
      expect(Math.max(...pauses)).toBeLessThanOrEqual(ceiling);
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(ceiling / 2);
      expect(new Set(pauses).size).toBeGreaterThan(1);
    }
  });
});

describe('a pause', () => {
  it('ends at once when it is no longer wanted', async () => {
    const stop = new AbortController();
    const paused = pause(3_600_000, stop.signal);
    stop.abort();
    await expect(paused).resolves.toBeUndefined();
    await expect(pause(3_600_000, stop.signal)).resolves.toBeUndefined();
  });
});

describe('waiting within a time', () => {
  it('gives the result, or says that it is late', async () => {
    const late = () => new Error('late');
    await expect(within(Promise.resolve(1), 3_600_000, late)).resolves.toBe(1);
    await expect(within(new Promise(() => undefined), 1, late)).rejects.toThrow('late');
  });
});
