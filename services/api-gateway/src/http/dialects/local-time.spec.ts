import { describe, expect, it } from '@jest/globals';
import { LocalTime } from './local-time.js';

const seoul = new LocalTime('Asia/Seoul');

describe('local time', () => {
  it('is the wall clock of the place, in the patterns of the documents', () => {
    const instant = '2024-10-10T01:02:03.999Z';
    expect(seoul.date(instant)).toBe('2024-10-10');
    expect(seoul.dateTime(instant)).toBe('2024-10-10T10:02:03');
    expect(seoul.dateAndTime(instant)).toBe('2024-10-10 10:02:03');
    expect(new LocalTime('America/New_York').dateTime(instant)).toBe('2024-10-09T21:02:03');
  });

  it('begins a day at midnight, which is 00 and not 24', () => {
    expect(seoul.dateTime('2024-06-30T15:00:00Z')).toBe('2024-07-01T00:00:00');
    expect(seoul.dateTime('2024-06-30T14:59:59.999Z')).toBe('2024-06-30T23:59:59');
    expect(seoul.date(new Date('2024-12-31T15:00:00Z'))).toBe('2025-01-01');
  });
});
