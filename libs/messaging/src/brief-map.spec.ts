import { describe, expect, it } from '@jest/globals';
import { BriefMap } from './brief-map.js';

describe('a brief map', () => {
  it('has what came and did not go', () => {
    const map = new BriefMap<string, object>();
    const [first, second] = [{ first: true }, { second: true }];
    map.set('a', first);
    map.set('b', second);
    expect([map.size, map.get('a'), map.has('b'), map.get('c')]).toEqual([
      2,
      first,
      true,
      undefined,
    ]);
    expect(map.take('a')).toBe(first);
    expect(map.take('a')).toBeUndefined();
    expect([map.size, map.has('a'), map.get('a')]).toEqual([1, false, undefined]);
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
