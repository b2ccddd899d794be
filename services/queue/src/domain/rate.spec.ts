import { describe, expect, it } from '@jest/globals';
import { after, noon, room } from './room.fixture.js';
import { bucketAt, measuredRate, rateOfTheLine, slotOf } from './rate.js';

/** So many admitted in each of the five-second buckets that begin at these seconds after noon. */
function admitted(perBucket: Record<number, number>) {
  return Object.entries(perBucket).map(([seconds, count]) => ({
    bucket: bucketAt(after(Number(seconds))),
    admitted: count,
  }));
}

describe('the measured admission rate', () => {
  it('is unknown before anybody was admitted', () => {
    expect(measuredRate(room(), noon)).toBeNull();
  });

  it('is taken since the first admission while the minute is not full', () => {
    const hall = room({ admissions: admitted({ 0: 20, 5: 20 }) });
    expect(measuredRate(hall, after(10))).toBe(4);
  });

  it('forgets what lies more than a minute back', () => {
    const hall = room({ admissions: admitted({ 0: 600, 60: 60 }) });
    expect(measuredRate(hall, after(120))).toBe(1);
    expect(measuredRate(hall, after(200))).toBe(0);
  });

  it('keeps every bucket of the window in a slot of its own', () => {
    const slots = Array.from({ length: 14 }, (_, index) => slotOf(bucketAt(after(index * 5))));
    expect(new Set(slots).size).toBe(14);
  });
});

describe('the rate a waiter may reckon with', () => {
  const line = { backlogSince: noon, waiting: 100 };

  it('is unknown without a line, while paused, at first, and when nobody moves', () => {
    const moving = room({ ...line, admissions: admitted({ 0: 50 }) });
    expect(rateOfTheLine({ ...moving, backlogSince: null }, after(10))).toBeNull();
    expect(rateOfTheLine(room({ ...moving, policy: { paused: true } }), after(10))).toBeNull();
    expect(rateOfTheLine(moving, after(4))).toBeNull();
    expect(rateOfTheLine(room(line), after(10))).toBeNull();
  });

  it('counts admissions since the line formed and not those who walked straight through', () => {
    const hall = room({
      waiting: 100,
      backlogSince: after(17),
      admissions: admitted({ 0: 400, 15: 90, 20: 30, 25: 20 }),
    });
    expect(rateOfTheLine(hall, after(30))).toBe(5);
  });

  it('is never above what the policy allows now', () => {
    const hall = room({
      ...line,
      policy: { admissionsPerSecond: 2 },
      admissions: admitted({ 0: 500 }),
    });
    expect(rateOfTheLine(hall, after(10))).toBe(2);
  });
});
