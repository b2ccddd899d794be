import { describe, expect, it } from '@jest/globals';
import { entry, waitingEntry } from '../../testing/samples.js';
import { durationWords, waitOf } from './waiting.js';

describe('a wait', () => {
  it('is nothing for whoever does not wait', () => {
    expect(waitOf(entry(7))).toEqual({ seconds: 0, isKnown: true });
    expect(waitOf(entry(7, { state: 'USED' }))).toEqual({ seconds: 0, isKnown: true });
  });

  it('is the estimate, or the time after which to ask again while there is none', () => {
    expect(waitOf(waitingEntry(7, 3))).toEqual({ seconds: 90, isKnown: true });
    const unknown = { ...waitingEntry(7, 3), estimatedWaitSeconds: null };
    expect(waitOf(unknown)).toEqual({ seconds: 3, isKnown: false });
  });

  it.each([
    [0, '0s'],
    [29.2, '30s'],
    [59, '59s'],
    [59.5, '1m'],
    [60, '1m'],
    [61, '2m'],
    [300, '5m'],
    [3_540, '59m'],
    [3_541, '1h'],
    [3_600, '1h'],
    [3_601, '2h'],
    [7_200, '2h'],
  ])('of %d seconds is said as %s: rounded up', (seconds, words) => {
    expect(durationWords(seconds)).toBe(words);
  });
});
