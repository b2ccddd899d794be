// @ts-check
// People in a waiting room ask for their place.
import {
  brokenIn,
  cpuTable,
  inTurns,
  speedChart,
  speedTable,
  withEncore,
} from '../harness/own.mjs';

const WAITING = 10_000;
const ROOM = 'measured';

export const title = 'Positions';

/**
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @returns {Promise<import('../harness/scenario.mjs').Findings>}
 */
export function run(bench) {
  return withEncore(bench, async (encore) => {
    await encore.databases.addWaiting(ROOM, WAITING);
    await encore.databases.settle();
    const places = Array.from({ length: WAITING }, (_, index) => index + 1);
    const packed = encore.pack(places.map((userId) => encore.positionOf(userId, ROOM)));
    const rows = await inTurns(
      bench,
      encore,
      bench.options.concurrency.map((concurrency) => ({
        label: `at ${concurrency}`,
        concurrency,
        order: () => ({ packed, use: /** @type {const} */ ('over-and-over') }),
        statuses: ['200'],
      })),
    );
    return {
      tables: [speedTable(`polls of ${WAITING} people waiting`, rows), cpuTable('poll', rows)],
      charts: [speedChart('Position polls per second', rows)],
      measured: rows,
      notes: [],
      broken: brokenIn(rows),
    };
  });
}
