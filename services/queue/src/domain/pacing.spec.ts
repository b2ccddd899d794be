import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextPollWhenEnded, nextPollWhileActive, nextPollWhileWaiting } from './pacing.js';

const pacing = { minPollMs: 1_000, maxPollMs: 20_000 };
const least = () => 0;
const most = () => 1;

function whileWaiting(
  position: number,
  options: { estimate?: number | null; grace?: number; random?: () => number } = {},
) {
  const { estimate = null, grace = 600, random = least } = options;
  const waiter = { position, estimatedWaitSeconds: estimate, graceSeconds: grace };
  return nextPollWhileWaiting(waiter, pacing, random);
}

describe('when to ask again', () => {
  it('is soon at the head and grows with the distance up to a limit', () => {
    expect(whileWaiting(1)).toBe(1_000);
    expect(whileWaiting(101)).toBe(2_000);
    expect(whileWaiting(1_001)).toBe(11_000);
    expect(whileWaiting(100_000)).toBe(20_000);
  });

  it('never shrinks with the distance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.nat(1_000), (position, further) => {
        expect(whileWaiting(position + further)).toBeGreaterThanOrEqual(whileWaiting(position));
      }),
    );
  });

  it('comes in time for the turn when the line moves fast', () => {
    expect(whileWaiting(1_001, { estimate: 10 })).toBe(5_000);
    expect(whileWaiting(1_001, { estimate: 0 })).toBe(1_000);
  });

  it('spreads a crowd by up to a quarter, upwards only', () => {
    expect(whileWaiting(101, { random: most })).toBe(2_500);
    expect(whileWaiting(1, { random: most })).toBe(1_250);
  });

  it('leaves three polls in every grace time, also in the worst case', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 300 }),
        (p, grace) => {
          const pollMs = whileWaiting(p, { grace, random: most });
          expect(pollMs * 3).toBeLessThanOrEqual(grace * 1_000 + 3);
        },
      ),
    );
  });

  it('grows more frequent for an active entry as its end comes near', () => {
    expect(nextPollWhileActive(300_000, pacing, least)).toBe(20_000);
    expect(nextPollWhileActive(20_000, pacing, least)).toBe(5_000);
    expect(nextPollWhileActive(10, pacing, least)).toBe(1_000);
  });

  it('is rare for an entry that has ended', () => {
    expect(nextPollWhenEnded(pacing, least)).toBe(20_000);
  });
});
