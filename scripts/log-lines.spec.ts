import { describe, expect, it } from '@jest/globals';
import { eveningInSeoul } from './demo-data.mjs';
import { lineForTerminal } from './log-lines.mjs';

describe('log lines on the terminal', () => {
  const warning = JSON.stringify({ level: 'warn', msg: 'waiting for the broker' });

  it('carry the name of their process', () => {
    expect(lineForTerminal('wallet', warning, 'warn')).toBe(
      '[wallet] warn: waiting for the broker',
    );
  });

  it('below the wanted level stay in the file', () => {
    expect(lineForTerminal('wallet', warning, 'error')).toBeUndefined();
  });

  it('name the error where the message does not', () => {
    const line = JSON.stringify({
      level: 'error',
      msg: 'sweep failed',
      err: { message: 'timeout' },
    });
    expect(lineForTerminal('queue', line, 'warn')).toBe('[queue] error: sweep failed: timeout');
  });

  it('that the logger did not write are always shown', () => {
    expect(lineForTerminal('queue', '{ broken', 'fatal')).toBe('[queue] { broken');
    expect(lineForTerminal('queue', '   ', 'trace')).toBeUndefined();
  });
});

describe('demo schedules', () => {
  it('begin at 19:00 in Seoul, counted in days of Seoul', () => {
    const lateInLondon = new Date('2026-11-20T16:30:00Z');
    expect(eveningInSeoul(lateInLondon, 0)).toBe('2026-11-21T19:00:00+09:00');
    expect(eveningInSeoul(lateInLondon, 14)).toBe('2026-12-05T19:00:00+09:00');
  });
});
