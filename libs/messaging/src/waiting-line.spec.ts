import { describe, expect, it } from '@jest/globals';
import { WaitingLine } from './waiting-line.js';

describe('a waiting line', () => {
  it('gives back what came in the order it came, however long it grows and shrinks', () => {
    const line = new WaitingLine<number>();
    const taken: (number | undefined)[] = [];
    let next = 0;
    for (const [coming, going] of [
      [5_000, 3_000],
      [10, 1_500],
      [2_000, 2_510],
    ] as const) {
      for (let count = 0; count < coming; count += 1) line.push((next += 1));
      for (let count = 0; count < going; count += 1) {
        expect(line.first).toBe(taken.length + 1);
        taken.push(line.take());
      }
    }
    expect(taken).toEqual(Array.from({ length: 7_010 }, (_, index) => index + 1));
    expect(line.size).toBe(0);
  });

  it('has nothing to give when nobody waits', () => {
    const line = new WaitingLine<number>();
    expect(line.take()).toBeUndefined();
    expect(line.first).toBeUndefined();
    expect(line.size).toBe(0);
    line.push(1);
    expect(line.take()).toBe(1);
    expect(line.take()).toBeUndefined();
  });
});
