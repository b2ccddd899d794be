import { describe, expect, it } from '@jest/globals';
import { statement } from './queryable.js';

describe('statement', () => {
  it('refuses a second text under one name, because a connection knows only one of them', () => {
    statement('one name', 'select 1');
    expect(() => statement('one name', 'select 2')).toThrow('Two different statements');
    expect(statement('one name', 'select 1').text).toBe('select 1');
  });

  it('refuses a name the server would cut short', () => {
    expect(() => statement('x'.repeat(64), 'select 1')).toThrow('1 to 63 characters');
    expect(() => statement('', 'select 1')).toThrow('1 to 63 characters');
  });
});
