import { afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { z } from 'zod';
import { parseConfig, processConfig } from './config.js';
import { bringUp, createRuntime, type Runtime } from './runtime.js';

const config = parseConfig(z.object(processConfig), { AMQP_URL: 'amqp://unused' });
const runtimes: Runtime[] = [];

interface Recorded {
  runtime: Runtime;
  port(kind: 'healthPort' | 'metricsPort'): number;
}

async function started(): Promise<Recorded> {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const logger = pino({ level: 'info' }, { write });
  const runtime = await createRuntime({ name: 'wallet', config, logger });
  runtimes.push(runtime);
  return {
    runtime,
    port: (kind) => Number(lines.find((line) => kind in line)?.[kind]),
  };
}

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((one) => one.stop()));
});

describe('the runtime of a process', () => {
  it('answers on its health port before it is ready, saying what it waits for', async () => {
    const { runtime, port } = await started();
    const base = `http://127.0.0.1:${port('healthPort')}`;
    runtime.readiness.require('database', () => Promise.reject(new Error('refused')));
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    const waiting = await fetch(`${base}/readyz`);
    expect(waiting.status).toBe(503);
    expect(await waiting.json()).toEqual({
      ready: false,
      waitingFor: ['this process is starting', 'database: refused'],
    });
  });

  it('is ready once it is up and its checks pass', async () => {
    const { runtime, port } = await started();
    await bringUp(runtime, () => Promise.resolve());
    const answer = await fetch(`http://127.0.0.1:${port('healthPort')}/readyz`);
    expect(answer.status).toBe(200);
  });

  it('shows its metrics on another port, and nothing else there', async () => {
    const { port } = await started();
    const base = `http://127.0.0.1:${port('metricsPort')}`;
    expect(await (await fetch(`${base}/metrics`)).text()).toContain('nodejs_version_info');
    expect((await fetch(`${base}/readyz`)).status).toBe(404);
    expect((await fetch(`${base}/metrics`, { method: 'POST' })).status).toBe(404);
  });

  it('ends in the reverse order of its beginning, once, however often it is asked', async () => {
    const { runtime } = await started();
    const ended: string[] = [];
    runtime.onStop('database', () => void ended.push('database'));
    runtime.onStop('broker', () => Promise.reject(new Error('connection lost')));
    runtime.onStop('handlers', () => void ended.push('handlers'));
    await Promise.all([runtime.stop(), runtime.stop()]);
    expect(ended).toEqual(['handlers', 'database']);
  });

  it('ends although periodic work does not', async () => {
    const { runtime } = await started();
    let begun = false;
    runtime.periodicWork.runPeriodically({
      name: 'sweep-forever',
      everyMs: 1_000,
      work: () => {
        begun = true;
        return new Promise(() => undefined);
      },
    });
    let drained = false;
    runtime.onStop('handlers', () => void (drained = true));
    await bringUp(runtime, () => Promise.resolve());
    await runtime.stop();
    expect({ begun, drained }).toEqual({ begun: true, drained: true });
  });

  it('stops waiting for what never came when it is asked to end', async () => {
    const { runtime } = await started();
    const waiting = bringUp(runtime, () =>
      runtime.waitFor('the broker', () => Promise.reject(new Error('refused'))),
    );
    await runtime.stop();
    await expect(waiting).resolves.toBeUndefined();
  });
});
