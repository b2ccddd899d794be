import { describe, expect, it } from '@jest/globals';
import { RecentIds } from './recent-ids.js';

describe('recent ids', () => {
  it('know the latest generation, and the one before it, and nothing older', () => {
    const recent = new RecentIds(3);
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) recent.add(id);
    expect(['a', 'b', 'c'].some((id) => recent.has(id))).toBe(false);
    expect(['d', 'e', 'f', 'g'].every((id) => recent.has(id))).toBe(true);
    expect(recent.has('h')).toBe(false);
  });
});
