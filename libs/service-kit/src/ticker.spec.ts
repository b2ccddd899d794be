import { afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Metrics } from './metrics.js';
import { PeriodicWork, Ticker } from './ticker.js';

const logger = pino({ level: 'silent' });
const metrics = new Metrics(logger);
/** So rare that only the first run, and those that are asked for, happen. */
const NEVER_MS = 3_600_000;
const open: { stop(): Promise<void> }[] = [];

/** Work whose runs begin when told and end when let: no clock decides. */
class Steered {
  begun = 0;
  running = 0;
  mostAtOnce = 0;
  private release: (() => void)[] = [];
  private waiting: (() => void)[] = [];

  readonly work = async (): Promise<void> => {
    this.begun += 1;
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    for (const resolve of this.waiting.splice(0)) resolve();
    await new Promise<void>((resolve) => this.release.push(resolve));
    this.running -= 1;
  };

  async begins(run: number): Promise<void> {
    while (this.begun < run) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  finish(): void {
    this.release.shift()?.();
  }
}

function tickerOf(work: () => Promise<void>, everyMs = NEVER_MS): Ticker {
  const ticker = new Ticker({ name: 'sweep', everyMs, work }, logger, metrics);
  open.push(ticker);
  return ticker;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});

describe('a ticker', () => {
  it('runs at once when started, and again and again', async () => {
    const steered = new Steered();
    tickerOf(steered.work, 1).start();
    for (const run of [1, 2, 3]) {
      await steered.begins(run);
      steered.finish();
    }
    await steered.begins(4);
    steered.finish();
    expect(steered.mostAtOnce).toBe(1);
  });

  it('never runs twice at once: a nudge during a run means once more after it', async () => {
    const steered = new Steered();
    const ticker = tickerOf(steered.work);
    ticker.start();
    await steered.begins(1);
    ticker.nudge();
    ticker.nudge();
    expect(steered.begun).toBe(1);
    steered.finish();
    await steered.begins(2);
    steered.finish();
    expect(steered.mostAtOnce).toBe(1);
  });

  it('goes on after a failure, and counts it', async () => {
    let runs = 0;
    const twice = new Promise<void>((resolve) => {
      const work = () => {
        runs += 1;
        if (runs === 2) resolve();
        return runs === 1 ? Promise.reject(new Error('broken')) : Promise.resolve();
      };
      tickerOf(work, 1).start();
    });
    await twice;
    const { body } = await metrics.answer();
    expect(body).toMatch(/periodic_run_duration_seconds_count{name="sweep",outcome="failed"} 1/);
  });

  it('waits for the current run when stopped, and begins no other', async () => {
    const steered = new Steered();
    const ticker = tickerOf(steered.work);
    ticker.start();
    await steered.begins(1);
    ticker.nudge();
    const stopped = ticker.stop();
    steered.finish();
    await stopped;
    ticker.nudge();
    expect(steered).toMatchObject({ begun: 1, running: 0 });
  });
});

describe('periodic work', () => {
  it('begins when it is started, also what is added later', async () => {
    const [early, late] = [new Steered(), new Steered()];
    const periodic = new PeriodicWork(logger, metrics);
    open.push(periodic);
    periodic.runPeriodically({ name: 'early', everyMs: NEVER_MS, work: early.work });
    expect(early.begun).toBe(0);
    periodic.start();
    periodic.runPeriodically({ name: 'late', everyMs: NEVER_MS, work: late.work });
    await Promise.all([early.begins(1), late.begins(1)]);
    early.finish();
    late.finish();
    expect([early.begun, late.begun]).toEqual([1, 1]);
  });
});
