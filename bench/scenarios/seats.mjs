// @ts-check
// Reads of seat maps: whole ones, and answers that nothing has changed.
import { SEATS_PER_SCHEDULE } from '../contestants/encore-databases.mjs';
import {
  brokenIn,
  cpuTable,
  inTurns,
  speedChart,
  speedTable,
  withEncore,
} from '../harness/own.mjs';

const SCHEDULES = 20;
const PEOPLE = SCHEDULES * SEATS_PER_SCHEDULE;

export const title = 'Seat maps';

/**
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @returns {Promise<import('../harness/scenario.mjs').Findings>}
 */
export function run(bench) {
  return withEncore(bench, async (encore) => {
    // Half of the seats are held: a map like those people look at.
    await encore.prepare(0, PEOPLE / 2);
    await encore.databases.addSchedules(SCHEDULES / 2 + 1, SCHEDULES);
    await encore.databases.settle();
    const tags = await Promise.all(
      Array.from({ length: SCHEDULES }, (_, index) => tagOf(encore, index + 1)),
    );
    const packed = (/** @type {boolean} */ knows) =>
      encore.pack(
        Array.from({ length: PEOPLE / 2 }, (_, index) => {
          const scheduleId = 1 + (index % SCHEDULES);
          const seen = knows ? { 'if-none-match': String(tags[scheduleId - 1]) } : {};
          const request = mapOf(encore, index + 1, scheduleId);
          return { ...request, headers: { ...request.headers, ...seen } };
        }),
      );
    const lists = { full: packed(false), known: packed(true) };
    const rows = await inTurns(bench, encore, [
      ...bench.options.concurrency.map((concurrency) => ({
        label: `full, at ${concurrency}`,
        concurrency,
        order: () => ({ packed: lists.full, use: /** @type {const} */ ('over-and-over') }),
        statuses: ['200'],
      })),
      ...bench.options.concurrency.map((concurrency) => ({
        label: `304, at ${concurrency}`,
        concurrency,
        order: () => ({ packed: lists.known, use: /** @type {const} */ ('over-and-over') }),
        statuses: ['304'],
      })),
    ]);
    return {
      tables: [speedTable('seat maps of 50 seats', rows), cpuTable('seat map', rows)],
      charts: [speedChart('Seat maps per second', rows)],
      measured: rows,
      notes: [],
      broken: brokenIn(rows),
    };
  });
}

/**
 * @param {import('../contestants/encore.mjs').Encore} encore
 * @param {number} userId
 * @param {number} scheduleId
 */
function mapOf(encore, userId, scheduleId) {
  const path = `/v1/schedules/${scheduleId}/seats`;
  return { method: 'GET', path, headers: encore.headersOf(userId) };
}

/**
 * @param {import('../contestants/encore.mjs').Encore} encore
 * @param {number} scheduleId
 */
async function tagOf(encore, scheduleId) {
  const { path, headers } = mapOf(encore, scheduleId, scheduleId);
  const response = await fetch(`${encore.url}${path}`, { headers });
  const tag = response.headers.get('etag');
  await response.arrayBuffer();
  if (tag === null) throw new Error(`A seat map was answered with ${response.status} and no ETag`);
  return tag;
}
