// @ts-check
// What several scenarios of our own system share: some loads in turns on one running system, and a
// table of what came back.
import { join } from 'node:path';
import { privateDirectory } from '../../scripts/paths.mjs';
import { Encore } from '../contestants/encore.mjs';
import { runLoad } from './load.mjs';
import { fixed } from './report.mjs';
import { medianOf, roundOf } from './rounds.mjs';

const NOT_THE_SYSTEMS = new Set(['load client', 'harness']);

/** @typedef {import('./scenario.mjs').Bench} Bench */
/** @typedef {import('./scenario.mjs').Table} Table */

/**
 * @typedef {Partial<import('./load.mjs').LoadOrder> & Pick<import('./load.mjs').LoadOrder,
 *   'packed'>} TurnOrder
 *
 * @typedef {object} Case one kind of load
 * @property {string} label
 * @property {number} concurrency
 * @property {() => TurnOrder | Promise<TurnOrder>} order made anew for every turn
 * @property {readonly string[]} statuses that are fine
 * @property {(load: import('./load.mjs').MeasuredLoad) => Promise<void>} [after] throws when the
 *   books do not say what clients were told
 *
 * @typedef {ReturnType<typeof medianOf> & { label: string, strange: Record<string, number> }} Row
 */

/**
 * @template Result
 * @param {Bench} bench
 * @param {(encore: Encore) => Promise<Result>} work
 * @param {Record<string, string>} [env]
 * @returns {Promise<Result>}
 */
export async function withEncore(bench, work, env = {}) {
  const { postgresUrl, amqpUrl, directory } = bench;
  const own = privateDirectory(join(directory, 'encore'));
  const encore = await Encore.start({ postgresUrl, amqpUrl, directory: own, env });
  bench.started(encore);
  try {
    return await work(encore);
  } finally {
    await bench.stop(encore);
  }
}

/**
 * @param {Bench} bench
 * @param {Encore} encore
 * @param {readonly Case[]} cases
 * @returns {Promise<Row[]>}
 */
export async function inTurns({ options, processes, say }, encore, cases) {
  const { rounds, seconds, warmupSeconds } = options;
  const turns = new Map(
    cases.map(({ label }) => [label, /** @type {import('./rounds.mjs').Round[]} */ ([])]),
  );
  /** @type {Map<string, Record<string, number>>} */
  const strange = new Map();
  for (let round = 1; round <= rounds; round += 1) {
    for (const { label, concurrency, statuses, order, after } of cases) {
      const load = await runLoad(
        { url: encore.url, seconds, warmupSeconds, concurrency, ...(await order()) },
        { ...encore.processes, ...processes },
      );
      await after?.(load);
      const turn = roundOf(load);
      turns.get(label)?.push(turn);
      for (const [status, count] of Object.entries(load.statuses)) {
        if (!statuses.includes(status)) add(strange, label, status, count);
      }
      say(
        `  round ${round}, ${label}: ${fixed(turn.perSecond)}/s` +
          `${load.ranOut ? ' (list used up)' : ''}, ${JSON.stringify(turn.statuses)}`,
      );
    }
  }
  return [...turns].map(([label, rounds]) => ({
    label,
    ...medianOf(rounds),
    strange: strange.get(label) ?? {},
  }));
}

/**
 * @param {Map<string, Record<string, number>>} counts
 * @param {string} label
 * @param {string} status
 * @param {number} count
 */
function add(counts, label, status, count) {
  const known = counts.get(label) ?? {};
  counts.set(label, { ...known, [status]: (known[status] ?? 0) + count });
}

/**
 * Answers nobody should have got, as broken promises.
 * @param {readonly Row[]} rows
 */
export function brokenIn(rows) {
  return rows
    .filter(({ strange }) => Object.keys(strange).length > 0)
    .map(
      ({ label, strange }) => `${label}: answers that should not be: ${JSON.stringify(strange)}`,
    );
}

/**
 * @param {string} title
 * @param {readonly Row[]} rows
 * @returns {Table}
 */
export function speedTable(title, rows) {
  return {
    title,
    columns: ['', '/s', 'p50 ms', 'p95 ms', 'p99 ms'],
    rows: rows.map(({ label, perSecond, p50, p95, p99 }) => [
      label,
      fixed(perSecond),
      ...[p50, p95, p99].map((ms) => fixed(ms, 1)),
    ]),
  };
}

/**
 * @param {string} what one of which is answered
 * @param {readonly Row[]} rows
 * @returns {Table}
 */
export function cpuTable(what, rows) {
  const names = Object.keys(rows[0]?.cpu ?? {});
  const charged = names.filter((name) => !NOT_THE_SYSTEMS.has(name));
  const others = names.filter((name) => NOT_THE_SYSTEMS.has(name));
  const line = (/** @type {string} */ label, /** @type {readonly string[]} */ of) => [
    label,
    ...rows.map(({ cpu }) => fixed(of.reduce((sum, name) => sum + (cpu[name] ?? 0), 0))),
  ];
  return {
    title: `CPU µs per ${what}`,
    columns: ['', ...rows.map(({ label }) => label)],
    rows: [
      ...charged.map((name) => line(name, [name])),
      line('together', charged),
      ...others.map((name) => line(`(${name})`, [name])),
    ],
  };
}

/**
 * @param {string} title
 * @param {readonly Row[]} rows
 * @returns {import('./chart.mjs').Chart}
 */
export function speedChart(title, rows) {
  const values = rows.map(({ perSecond }) => perSecond);
  const groups = rows.map(({ label }) => label);
  return { title, kind: 'bars', unit: '/s', groups, series: [{ label: 'Encore', values }] };
}
