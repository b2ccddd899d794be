import { Readiness } from '@encore/service-kit';
import { describe, expect, it } from '@jest/globals';
import { ReadinessCache } from './readiness-cache.js';

describe('the remembered readiness', () => {
  it('asks the services once in its time, however often it is asked', async () => {
    let checks = 0;
    const readiness = new Readiness();
    readiness.require('wallet', () => void (checks += 1));
    readiness.started();
    const cache = new ReadinessCache(readiness, 1_000);
    await Promise.all([cache.report(0), cache.report(1), cache.report(999)]);
    expect(checks).toBe(1);
    await cache.report(1_000);
    expect(checks).toBe(2);
  });

  it('notices a shutdown at once', async () => {
    const readiness = new Readiness();
    readiness.started();
    const cache = new ReadinessCache(readiness, 1_000);
    expect((await cache.report(0)).ready).toBe(true);
    readiness.draining();
    cache.forget();
    expect((await cache.report(1)).ready).toBe(false);
  });
});
