// @ts-check
// The whole way of a person: join, be admitted, look at the seats, hold one, pay for it.
import { SEATS_PER_SCHEDULE } from '../contestants/encore-databases.mjs';
import {
  brokenIn,
  cpuTable,
  inTurns,
  speedChart,
  speedTable,
  withEncore,
} from '../harness/own.mjs';
import { pack } from '../load/request-list.mjs';
import { unknownIn } from '../harness/rounds.mjs';

/** More than anybody makes: how many people to have ready. */
const PER_SECOND_AT_MOST = 1_500;

export const title = 'Journeys';

/**
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @returns {Promise<import('../harness/scenario.mjs').Findings>}
 */
export function run(bench) {
  const { seconds, warmupSeconds, concurrency: levels } = bench.options;
  return withEncore(bench, async (encore) => {
    let people = 0;
    const expected = { completed: 0, unknown: 0 };
    const rows = await inTurns(
      bench,
      encore,
      levels.map((concurrency) => ({
        label: `at ${concurrency}`,
        concurrency,
        order: async () => {
          const perSecond = Math.min(PER_SECOND_AT_MOST, 100 * concurrency);
          const count = Math.ceil((perSecond * (seconds + warmupSeconds)) / SEATS_PER_SCHEDULE);
          const packed = await newPeople(encore, people, count * SEATS_PER_SCHEDULE);
          people += count * SEATS_PER_SCHEDULE;
          return {
            ...{ packed, shape: /** @type {const} */ ('journey') },
            journey: new URL('journey-way.mjs', import.meta.url).href,
          };
        },
        statuses: ['201'],
        after: async ({ statuses }) => {
          expected.completed += statuses['201'] ?? 0;
          expected.unknown += unknownIn(statuses);
          await encore.check(expected);
        },
      })),
    );
    return {
      tables: [speedTable('journeys (join, seats, hold, pay)', rows), cpuTable('journey', rows)],
      charts: [speedChart('Journeys per second', rows)],
      measured: rows,
      notes: ['A journey is four requests, and more when somebody has to wait.'],
      broken: brokenIn(rows),
    };
  });
}

/**
 * Users with money and nothing else, and a free seat for each.
 * @param {import('../contestants/encore.mjs').Encore} encore
 * @param {number} before how many there are
 * @param {number} count
 */
async function newPeople(encore, before, count) {
  await encore.databases.addWallets(before + 1, before + count);
  const schedulesBefore = before / SEATS_PER_SCHEDULE;
  const last = schedulesBefore + count / SEATS_PER_SCHEDULE;
  await encore.databases.addSchedules(schedulesBefore + 1, last);
  await encore.databases.settle();
  return pack(
    Array.from({ length: count }, (_, index) => {
      const person = before + index;
      const way = {
        headers: encore.headersOf(person + 1, `journey-${person}`),
        scheduleId: 1 + Math.floor(person / SEATS_PER_SCHEDULE),
        seatNumber: 1 + (person % SEATS_PER_SCHEDULE),
      };
      return Buffer.from(JSON.stringify(way));
    }),
  );
}
