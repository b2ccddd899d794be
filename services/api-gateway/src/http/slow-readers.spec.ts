import { beforeEach, describe, expect, it } from '@jest/globals';
import { SlowReaders } from './slow-readers.js';

/** An answer of which so many bytes nobody has taken yet. */
class Waiting {
  destroyed = false;
  constructor(public writableLength: number) {}
  destroy(): void {
    this.destroyed = true;
  }
}

describe('a client that does not read its answer', () => {
  let readers: SlowReaders;
  const look = (answer: Waiting, ...atMs: number[]) =>
    atMs.map((nowMs) => readers.cutOff([answer], nowMs));

  beforeEach(() => {
    readers = new SlowReaders(1_000);
  });

  it('is cut off when it was behind for the whole time', () => {
    const answer = new Waiting(10);
    expect(look(answer, 5_000, 5_999, 6_000)).toEqual([0, 0, 1]);
    expect(answer.destroyed).toBe(true);
  });

  it('is cut off when it takes a byte now and then', () => {
    const answer = new Waiting(10);
    look(answer, 0);
    answer.writableLength = 9;
    expect(look(answer, 500, 1_000)).toEqual([0, 1]);
  });

  it('has the whole time again once it has caught up', () => {
    const answer = new Waiting(10);
    look(answer, 0, 900);
    answer.writableLength = 0;
    look(answer, 950);
    answer.writableLength = 10;
    expect(look(answer, 1_000, 1_999)).toEqual([0, 0]);
    expect(answer.destroyed).toBe(false);
  });

  it('takes nobody with it', () => {
    const [slow, quick] = [new Waiting(10), new Waiting(0)];
    readers.cutOff([slow, quick], 0);
    expect(readers.cutOff([slow, quick], 1_000)).toBe(1);
    expect(quick.destroyed).toBe(false);
  });
});
