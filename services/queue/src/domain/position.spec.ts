import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { room } from './room.fixture.js';
import { positionOf } from './position.js';

describe('position', () => {
  it('counts the people in front plus one', () => {
    const head = { places: [3, 5, 9], isComplete: true };
    expect(positionOf(3, head, room())).toEqual({ position: 1, isExact: true });
    expect(positionOf(9, head, room())).toEqual({ position: 3, isExact: true });
  });

  it('is exact for the last place of a head that was cut off', () => {
    const head = { places: [3, 5, 9], isComplete: false };
    expect(positionOf(9, head, room())).toEqual({ position: 3, isExact: true });
  });

  it('is estimated behind the head, from the share of places still waited for', () => {
    const head = { places: [1, 2, 3, 4], isComplete: false };
    const halfGone = room({ lastPlace: 104, waiting: 54 });
    expect(positionOf(44, head, halfGone)).toEqual({ position: 24, isExact: false });
    expect(positionOf(104, head, halfGone)).toEqual({ position: 54, isExact: false });
  });

  it('grows along the line and never falls below what was counted', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 200 }),
        fc.integer({ min: 1, max: 100 }),
        (taken, limit) => {
          const line = taken.toSorted((left, right) => left - right);
          const head = { places: line.slice(0, limit), isComplete: line.length < limit };
          const hall = room({ lastPlace: line.at(-1) ?? 0, waiting: line.length });
          const positions = line.map((place) => positionOf(place, head, hall));
          positions.forEach(({ position, isExact }, index) => {
            if (isExact) expect(position).toBe(index + 1);
            else expect(position).toBeGreaterThan(limit);
            expect(position).toBeLessThanOrEqual(line.length);
            if (index > 0) {
              expect(position).toBeGreaterThanOrEqual(positions[index - 1]?.position ?? 0);
            }
          });
        },
      ),
    );
  });
});
