import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { logAbout, NestLogger } from './logging.js';

function recorded() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const formatters = { level: (label: string) => ({ level: label }) };
  return { lines, logger: pino({ level: 'trace', formatters, base: null }, { write }) };
}

describe('log lines', () => {
  it('carry the ids of the request, message or saga they are about', () => {
    const { lines, logger } = recorded();
    logAbout(logger, { requestId: 'r-1', sagaId: 's-1' }).info('asked');
    expect(lines).toMatchObject([{ requestId: 'r-1', sagaId: 's-1', msg: 'asked' }]);
    expect(lines[0]).not.toHaveProperty('messageId');
  });

  it("keep Nest's chatter at debug, and its warnings and errors at theirs", () => {
    const { lines, logger } = recorded();
    const nest = new NestLogger(logger);
    nest.log('mapped a route', 'RouterExplorer');
    nest.warn('deprecated', 'Injector');
    nest.error('failed', 'Error: failed\n    at somewhere', 'ExceptionsHandler');
    nest.error(new Error('broken'));
    expect(lines).toMatchObject([
      { level: 'debug', context: 'RouterExplorer', msg: 'mapped a route' },
      { level: 'warn', context: 'Injector', msg: 'deprecated' },
      { level: 'error', context: 'ExceptionsHandler', msg: 'failed' },
      { level: 'error', err: { message: 'broken' }, msg: 'broken' },
    ]);
    expect(lines[2]).toHaveProperty('stack');
  });
});
