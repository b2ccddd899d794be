import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seatsOf, SEATS_PER_SCHEDULE_MAX } from './seat-ranges.js';

const range = (from: number, to: number, priceKrw = 10_000) => ({ from, to, priceKrw });

describe('ranges of seats', () => {
  it('stand for every number in them, at their price, ascending', () => {
    expect(seatsOf([range(3, 4, 20_000), range(1, 1)])).toEqual({
      seats: [
        { seatNumber: 1, priceKrw: 10_000 },
        { seatNumber: 3, priceKrw: 20_000 },
        { seatNumber: 4, priceKrw: 20_000 },
      ],
    });
  });

  it('must not overlap', () => {
    expect(seatsOf([range(5, 9), range(1, 5)])).toEqual({
      fault: 'the ranges 1 to 5 and 5 to 9 overlap',
    });
  });

  it('must not add up to more than a schedule can have', () => {
    expect(seatsOf([range(1, SEATS_PER_SCHEDULE_MAX)])).toHaveProperty('seats');
    expect(seatsOf([range(1, SEATS_PER_SCHEDULE_MAX), range(50_000, 50_000)])).toHaveProperty(
      'fault',
    );
  });

  it('name each seat once, whatever the ranges', () => {
    const ranges = fc.array(
      fc
        .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 9 }))
        .map(([from, length]) => range(from, from + length)),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(ranges, (given) => {
        const result = seatsOf(given);
        const numbers = given.flatMap(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, index) => from + index),
        );
        const overlap = new Set(numbers).size < numbers.length;
        expect('fault' in result).toBe(overlap);
        if ('seats' in result) {
          expect(result.seats.map(({ seatNumber }) => seatNumber)).toEqual(
            numbers.sort((a, b) => a - b),
          );
        }
      }),
    );
  });
});
