import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { parseInt8, typeParsers } from './types.js';

describe('the parsers of our pools', () => {
  it('read a bigint as a number while it is exact', () => {
    expect(parseInt8('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseInt8('-12')).toBe(-12);
  });

  it('refuse a bigint that a number would round', () => {
    expect(() => parseInt8('9007199254740993')).toThrow(RangeError);
  });

  it('read arrays of bigint, also nested and with nulls', () => {
    const parse = typeParsers.getTypeParser(1016);
    expect(parse('{1,NULL,3}')).toEqual([1, null, 3]);
    expect(parse('{{1,2},{3,4}}')).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('leave the rest of the process as it was', () => {
    const shared: (oid: number) => (text: string) => unknown = pg.types.getTypeParser;
    expect(shared(20)('7')).toBe('7');
    expect(typeParsers.getTypeParser(25)('7')).toBe('7');
  });
});
