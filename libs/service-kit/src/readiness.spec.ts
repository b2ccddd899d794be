import { describe, expect, it } from '@jest/globals';
import { Readiness } from './readiness.js';

describe('readiness', () => {
  it('is not there before everything was brought up, though all checks pass', async () => {
    const readiness = new Readiness();
    readiness.require('database', () => Promise.resolve());
    expect(await readiness.report()).toEqual({
      ready: false,
      waitingFor: ['this process is starting'],
    });
    readiness.started();
    expect(await readiness.report()).toEqual({ ready: true, waitingFor: [] });
  });

  it('names each thing it waits for, and why', async () => {
    const readiness = new Readiness();
    readiness.require('database', () => Promise.reject(new Error('connection refused')));
    readiness.require('schema', () => undefined);
    readiness.require('broker', () => {
      throw new Error('no channel');
    });
    readiness.started();
    const answer = await readiness.answer();
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toEqual({
      ready: false,
      waitingFor: ['database: connection refused', 'broker: no channel'],
    });
  });

  it('comes and goes with its checks', async () => {
    const readiness = new Readiness();
    let up = false;
    readiness.require('broker', () => {
      if (!up) throw new Error('down');
    });
    readiness.started();
    expect((await readiness.answer()).status).toBe(503);
    up = true;
    expect((await readiness.answer()).status).toBe(200);
  });

  it('ends with the shutdown, whatever the checks say', async () => {
    const readiness = new Readiness();
    readiness.started();
    readiness.draining();
    expect((await readiness.report()).waitingFor).toEqual(['this process is shutting down']);
  });

  it('does not hang on a check that does', async () => {
    const readiness = new Readiness({ checkLimitMs: 5 });
    readiness.require('database', () => new Promise<void>(() => undefined));
    readiness.started();
    expect((await readiness.report()).waitingFor).toEqual(['database: no answer within 5 ms']);
  });
});
