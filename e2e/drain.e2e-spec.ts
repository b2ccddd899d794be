import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@encore/testing';
import { GATEWAY, PROCESSES } from '../scripts/system.mjs';
import { buyers, inParallel } from './support/buying.js';
import { histogram, insistOnPaying, isRetryable, lastOf } from './support/insisting.js';
import { bootWholeSystem, type WholeSystem } from './support/whole-system.js';

const PAYMENTS = 150;
const AT_ONCE = 8;

describe('SIGTERM under load', () => {
  let whole: WholeSystem;

  beforeAll(async () => {
    whole = await bootWholeSystem();
  });
  afterAll(async () => {
    await whole.end();
  });

  it('ends every process with 0 and fails no request except by a retryable answer', async () => {
    const all = await buyers(whole, 1, PAYMENTS);
    let through = 0;
    const rolling = (async () => {
      for (const [index, name] of PROCESSES.entries()) {
        const share = ((index + 1) * PAYMENTS) / (PROCESSES.length + 2);
        await eventually(() => expect(through).toBeGreaterThanOrEqual(share), {
          timeoutMs: 120_000,
        });
        await whole.system.restartOne(name);
      }
    })();
    const stories = await inParallel(all, AT_ONCE, async (buyer) => {
      const story = await insistOnPaying(buyer);
      through += 1;
      return story;
    });
    await rolling;

    for (const name of PROCESSES) {
      expect({ name, exits: whole.system.exitsOf(name) }).toEqual({
        name,
        exits: [{ code: 0, signal: null }],
      });
    }
    expect(stories.map((story) => lastOf(story).status)).toEqual(stories.map(() => 201));
    const others = stories.flatMap(({ answers }) => answers.filter(({ status }) => status !== 201));
    expect(others.filter((answer) => !isRetryable(answer))).toEqual([]);
    expect(await whole.books.violations()).toEqual([]);
    console.log(
      'answers by status',
      histogram(stories),
      `while ${GATEWAY} and the services restarted`,
    );
  });
});
