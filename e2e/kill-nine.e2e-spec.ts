import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@encore/testing';
import { buyers, inParallel } from './support/buying.js';
import { histogram, insistOnPaying, lastOf } from './support/insisting.js';
import { bootWholeSystem, type WholeSystem } from './support/whole-system.js';

const PAYMENTS = 100;
const AT_ONCE = 8;
/** Who is killed once how many payments are through: each dies amid others' payments. */
const KILLS = [
  { service: 'payment', after: 10 },
  { service: 'wallet', after: 40 },
  { service: 'reservation', after: 70 },
] as const;

describe('kill -9 while payments run', () => {
  let whole: WholeSystem;

  beforeAll(async () => {
    whole = await bootWholeSystem();
  });
  afterAll(async () => {
    await whole.end();
  });

  it(`leaves all ${PAYMENTS} payments completed or failed and the books balanced`, async () => {
    const all = await buyers(whole, 1, PAYMENTS);
    let through = 0;
    const killing = (async () => {
      for (const { service, after } of KILLS) {
        await eventually(() => expect(through).toBeGreaterThanOrEqual(after), {
          timeoutMs: 120_000,
        });
        await whole.system.kill(service);
        await whole.system.awaitReady(service);
      }
    })();
    const stories = await inParallel(all, AT_ONCE, async (buyer) => {
      const story = await insistOnPaying(buyer);
      through += 1;
      return story;
    });
    await killing;

    for (const { service } of KILLS) {
      expect(
        whole.system.exitsOf(service).filter(({ signal }) => signal === 'SIGKILL'),
      ).toHaveLength(1);
    }
    expect(await whole.books.violations()).toEqual([]);
    const states = await whole.books.rows<{ state: string }>(
      'payment',
      'select state from payments',
    );
    expect(new Set(states.map(({ state }) => state))).toEqual(
      new Set(
        states.some(({ state }) => state === 'FAILED') ? ['COMPLETED', 'FAILED'] : ['COMPLETED'],
      ),
    );
    // What a client saw is what is true: a success seen is a success kept.
    for (const story of stories) {
      const answer = lastOf(story);
      expect([201, 402, 409]).toContain(answer.status);
      if (answer.status !== 201) continue;
      const reservation = await story.buyer.person.reservation(story.buyer.reservationId);
      expect(reservation.body).toMatchObject({
        state: 'CONFIRMED',
        paymentId: answer.body.paymentId,
      });
    }
    const answers = histogram(stories);
    expect(answers['201']).toBeGreaterThan(0);
    console.log('answers by status', answers);
  });
});
