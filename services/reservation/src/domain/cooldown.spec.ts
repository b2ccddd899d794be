import { describe, expect, it } from '@jest/globals';
import { cooldownEnd, releasesOf } from './cooldown.js';
import { at, confirmed, expired, held, released } from './life.fixture.js';

const LIMITS = { releasesFree: 3, cooldownSeconds: 30, cooldownLimitSeconds: 100 };

describe('the cooldown after releases', () => {
  it.each([
    [1, 0],
    [3, 0],
    [4, 30],
    [5, 60],
    [6, 100],
    [5_000, 100],
  ])('after %d of them is %d seconds', (count, seconds) => {
    expect(cooldownEnd({ count, lastAt: at(0) }, LIMITS)).toEqual(at(seconds));
  });

  it('can be switched off', () => {
    const off = { ...LIMITS, cooldownSeconds: 0 };
    expect(cooldownEnd({ count: 50, lastAt: at(0) }, off)).toEqual(at(0));
  });
});

describe('a release', () => {
  it('is a hold that was given up, counted per person and schedule', () => {
    const change = { before: held, after: released };
    const elsewhere = { before: held, after: { ...released, scheduleId: 8 } };
    expect(releasesOf([change, change, elsewhere])).toEqual([
      { scheduleId: 7, userId: 1, count: 2 },
      { scheduleId: 8, userId: 1, count: 1 },
    ]);
  });

  it('is neither a hold that lapsed nor one that was paid, nor one given up before', () => {
    expect(
      releasesOf([
        { before: held, after: expired },
        { before: held, after: confirmed },
        { before: released, after: released },
      ]),
    ).toEqual([]);
  });
});
