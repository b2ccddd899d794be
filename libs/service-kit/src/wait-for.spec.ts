import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { waitFor } from './wait-for.js';

function recorded() {
  const lines: { level: number; msg: string }[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]);
  return { lines, logger: pino({ level: 'info' }, { write }) };
}

describe('waiting for something', () => {
  it('tries until it works, and says what it waits for and why', async () => {
    const { lines, logger } = recorded();
    let tries = 0;
    const attempt = () => {
      tries += 1;
      return tries < 3 ? Promise.reject(new Error('refused')) : Promise.resolve('connected');
    };
    const { signal } = new AbortController();
    const result = await waitFor('the broker', attempt, { logger, signal, firstDelayMs: 1 });
    expect(result).toBe('connected');
    expect(lines.map(({ msg }) => msg)).toEqual([
      'waiting for the broker: refused',
      'waiting for the broker: refused',
      'the broker is there',
    ]);
  });

  it('says nothing when nothing has to be waited for', async () => {
    const { lines, logger } = recorded();
    const { signal } = new AbortController();
    await waitFor('the broker', () => Promise.resolve(), { logger, signal });
    expect(lines).toEqual([]);
  });

  it('gives up when the process is to end, also in the middle of a pause', async () => {
    const { logger } = recorded();
    const stopping = new AbortController();
    const attempt = () => {
      setImmediate(() => stopping.abort(new Error('shutting down')));
      return Promise.reject(new Error('refused'));
    };
    const options = { logger, signal: stopping.signal, firstDelayMs: 3_600_000 };
    await expect(waitFor('the broker', attempt, options)).rejects.toThrow();
  });
});
