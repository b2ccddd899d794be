import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RefusalPace } from './refusal-pace.js';

const PER_SECOND = 1_000;
/** Of 50 ms at that pace, and the one whose turn it is. */
const AT_ONCE = 51;
const WAIT_MAX_MS = 3_000;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function rushOf(count: number) {
  const pace = new RefusalPace(PER_SECOND);
  const refused: number[] = [];
  for (let one = 0; one < count; one += 1) pace.add(() => refused.push(one));
  return { pace, refused };
}

describe('the pace of refusals', () => {
  it('does not keep a few waiting', () => {
    expect(rushOf(AT_ONCE).refused).toHaveLength(AT_ONCE);
  });

  it('keeps those of a rush waiting, and refuses them in their order', () => {
    const { refused } = rushOf(500);
    expect(refused).toHaveLength(AT_ONCE);
    jest.advanceTimersByTime(200);
    expect(refused).toHaveLength(AT_ONCE + 200);
    jest.advanceTimersByTime(WAIT_MAX_MS);
    expect(refused).toEqual(Array.from({ length: 500 }, (_, one) => one));
  });

  it('keeps nobody waiting for longer than three seconds', () => {
    const { refused } = rushOf(10_000);
    jest.advanceTimersByTime(WAIT_MAX_MS - 10);
    expect(refused.length).toBeLessThan(4_000);
    jest.advanceTimersByTime(20);
    expect(refused).toHaveLength(10_000);
  });

  it('refuses at once whom it has no room for, and those who wait all the same', () => {
    const { refused } = rushOf(AT_ONCE + 20_000 + 1);
    expect(refused).toHaveLength(AT_ONCE + 1);
    expect(refused.at(-1)).toBe(AT_ONCE + 20_000);
    jest.advanceTimersByTime(WAIT_MAX_MS + 10);
    expect(refused).toHaveLength(AT_ONCE + 20_000 + 1);
  });

  it('is over when the rush is', () => {
    const { pace, refused } = rushOf(200);
    jest.advanceTimersByTime(1_000);
    expect(jest.getTimerCount()).toBe(0);
    pace.add(() => refused.push(-1));
    expect(refused.at(-1)).toBe(-1);
  });
});
