import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SlowSockets } from '../bench/slow-sockets.mjs';
import { arrive, buyers, inParallel, range } from './support/buying.js';
import { bootWholeSystem, type WholeSystem } from './support/whole-system.js';

const SLOW_SOCKETS = 1_000;
const BUYERS = 30;
const READERS = 4;

describe('A thousand slow sockets', () => {
  let whole: WholeSystem;
  let slow: SlowSockets;

  beforeAll(async () => {
    whole = await bootWholeSystem();
    slow = new SlowSockets(whole.gateway);
  });
  afterAll(async () => {
    slow.release();
    await whole.end();
  });

  it('keep nobody from buying, and every one of them is cut off in the end', async () => {
    const all = await buyers(whole, 1, BUYERS);
    const people = await inParallel(range(101, READERS), READERS, (userId) =>
      arrive(whole, userId, 0),
    );
    await slow.add(SLOW_SOCKETS);
    expect(slow.open).toBe(SLOW_SOCKETS);

    const paid = await inParallel(all, READERS, async ({ person, reservationId }) => ({
      status: (await person.pay(reservationId)).status,
      slowSockets: slow.open,
    }));
    expect(paid.map(({ status }) => status)).toEqual(all.map(() => 201));
    expect(paid[0]?.slowSockets).toBeGreaterThan(0);

    const statuses = await Promise.all(
      people.map(async (person) => {
        const seen: number[] = [];
        while (slow.open > 0) {
          seen.push((await person.seats(1)).status, (await person.wallet()).status);
        }
        return seen;
      }),
    );
    expect(new Set(statuses.flat())).toEqual(new Set([200]));
    expect(slow.cutOff).toBe(SLOW_SOCKETS);
    expect(whole.system.exitsOf('api-gateway')).toEqual([]);
    expect(await whole.books.violations()).toEqual([]);
    console.log(`${statuses.flat().length} reads while ${SLOW_SOCKETS} slow sockets were cut off`);
  });
});
