import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findRabbit } from '../scripts/backing/find.mjs';
import type { BackingServer } from '../scripts/backing/server.mjs';
import { buyers, inParallel } from './support/buying.js';
import { insistOnPaying, isRetryable, lastOf } from './support/insisting.js';
import { testDirectory } from './support/test-directory.js';
import { bootWholeSystem, type WholeSystem } from './support/whole-system.js';

const PAYMENTS = 40;
const OUTAGE_MS = 10_000;

describe('The broker stopped for ten seconds while payments run', () => {
  let broker: BackingServer;
  let whole: WholeSystem;

  beforeAll(async () => {
    const directory = testDirectory(`broker-${randomUUID()}`);
    // Without URLs in its environment the finder starts one of our own, which may be stopped.
    broker = await findRabbit({
      directory,
      password: randomUUID(),
      throwAway: true,
      report: () => undefined,
      env: {},
    });
    whole = await bootWholeSystem({ broker: broker.url });
  });
  afterAll(async () => {
    await whole.end();
    await broker.discard();
  });

  it('answers everybody in bounded time, loses nothing, and the same keys then succeed', async () => {
    const all = await buyers(whole, 1, PAYMENTS);
    const keys = all.map(() => randomUUID());
    const before = await Promise.all(
      all.slice(0, 5).map((buyer, index) => insistOnPaying(buyer, keys[index])),
    );
    expect(before.map((story) => lastOf(story).status)).toEqual(before.map(() => 201));

    // Half of them are under way when it happens, the other half come while it is down.
    const caught = all.slice(5, 20).map((buyer, index) => payOnce(buyer, keys[index + 5]));
    await broker.stop();
    const down = pause(OUTAGE_MS);
    const during = await inParallel(all.slice(20), 5, (buyer) =>
      payOnce(buyer, keys[all.indexOf(buyer)]),
    );
    const answers = [...(await Promise.all(caught)), ...during];
    for (const answer of answers) {
      if (answer.status === 201) continue;
      expect(isRetryable(answer)).toBe(true);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(during.map(({ status }) => status)).toEqual(during.map(() => 503));
    await down;
    await broker.start();
    await whole.system.awaitAllReady();

    const after = await inParallel([...all.keys()], 8, (index) => {
      const buyer = all[index];
      if (buyer === undefined) throw new Error('no such buyer');
      return insistOnPaying(buyer, keys[index]);
    });
    expect(after.map((story) => lastOf(story).status)).toEqual(after.map(() => 201));
    expect(await whole.books.violations()).toEqual([]);
    expect(
      await whole.books.number(
        'wallet',
        `select count(*) as value from movements where kind = 'PAYMENT'`,
      ),
    ).toBe(PAYMENTS);
  });
});

function payOnce(buyer: Awaited<ReturnType<typeof buyers>>[number], key: string | undefined) {
  return buyer.person.pay(buyer.reservationId, { idempotencyKey: key ?? randomUUID() });
}
