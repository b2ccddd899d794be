import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { BriefMap } from './brief-map.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** More than the first table of a map has room for. */
const MANY = 100;

describe('a brief map', () => {
  it('keeps nothing alive that was taken out, not even by a table it no longer uses', async () => {
    const map = new BriefMap<number, object>();
    map.set(0, {});
    const reference = (() => {
      const value = {};
      map.set(1, value);
      return new WeakRef(value);
    })();
    // Whoever looks through a map holds the table on which that began.
    const looking = map.entries();
    looking.next();
    for (let key = 2; key < MANY; key += 1) map.set(key, {});
    map.delete(1);
    // What a weak reference was made of stays until the end of the turn.
    await setImmediate();
    collect();
    expect(reference.deref()).toBeUndefined();
    expect(looking.next().value).toEqual([2, {}]);
  });

  it('has what came and did not go', () => {
    const map = new BriefMap<string, object>();
    const [first, second] = [{ first: true }, { second: true }];
    map.set('a', first);
    map.set('b', second);
    expect([map.size, map.get('a'), map.get('b'), map.get('c')]).toEqual([
      2,
      first,
      second,
      undefined,
    ]);
    expect(map.take('a')).toBe(first);
    expect(map.take('a')).toBeUndefined();
    expect([map.size, map.get('a')]).toEqual([1, undefined]);
  });

  it('keeps the order in which they came, also of one that changes', () => {
    const map = new BriefMap<number, string>();
    map.set(7, 'first');
    map.set(3, 'second');
    map.set(7, 'changed');
    expect([...map.entries()]).toEqual([
      [7, 'changed'],
      [3, 'second'],
    ]);
    map.take(7);
    map.set(7, 'again');
    expect([...map.values()]).toEqual(['second', 'again']);
  });

  it('may lose some while it is looked through', () => {
    const map = new BriefMap<number, number>();
    for (const key of [1, 2, 3, 4]) map.set(key, key);
    const seen: number[] = [];
    for (const value of map.values()) {
      seen.push(value);
      map.delete(value);
      map.delete(value + 1);
    }
    expect(seen).toEqual([1, 3]);
    expect(map.size).toBe(0);
  });
});
