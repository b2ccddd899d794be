// @ts-check
// Whether paying costs more the more payments and reservations are stored.
import encoreContestant from '../contestants/encore.mjs';
import { cpuTable, withEncore } from '../harness/own.mjs';
import { Payer } from '../harness/payers.mjs';
import { fixed, ratio } from '../harness/report.mjs';
import { medianOf, roundOf } from '../harness/rounds.mjs';

const CONCURRENCY = 64;
const SLOWER_AT_MOST = 0.85;

/** @typedef {import('../harness/own.mjs').Row & { stored: number, loadSeconds: number }} Row */

export const title = 'Growth';

/**
 * One size after another, each on a system of its own: all at once would not fit everywhere.
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @returns {Promise<import('../harness/scenario.mjs').Findings>}
 */
export async function run(bench) {
  /** @type {Row[]} */
  const rows = [];
  for (const stored of bench.options.sizes) rows.push(await paymentsWith(bench, stored));
  const [first] = rows;
  const share = (/** @type {Row} */ row) => row.perSecond / (first?.perSecond ?? row.perSecond);
  return {
    tables: [
      {
        title: `payments at ${CONCURRENCY}, by how many are stored`,
        columns: ['stored', '/s', 'of the first', 'p50 ms', 'p99 ms', 'loaded in s'],
        rows: rows.map((row) => [
          fixed(row.stored),
          fixed(row.perSecond),
          ratio(row.perSecond, first?.perSecond ?? 0),
          ...[row.p50, row.p99].map((ms) => fixed(ms, 1)),
          fixed(row.loadSeconds),
        ]),
      },
      cpuTable('payment', rows),
    ],
    charts: [
      {
        title: 'Payments per second by payments stored',
        kind: 'bars',
        unit: '/s',
        groups: rows.map(({ label }) => label),
        series: [{ label: 'Encore', values: rows.map(({ perSecond }) => perSecond) }],
      },
    ],
    measured: rows,
    notes: [],
    broken: rows
      .filter((row) => share(row) < SLOWER_AT_MOST)
      .map((row) => `with ${row.label}: ${fixed(100 * share(row))} % of the speed with few`),
  };
}

/**
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @param {number} stored
 * @returns {Promise<Row>}
 */
function paymentsWith(bench, stored) {
  const { rounds, seconds, warmupSeconds } = bench.options;
  return withEncore(bench, async (encore) => {
    const startedAt = performance.now();
    await encore.remember(stored, bench.say);
    const loadSeconds = (performance.now() - startedAt) / 1_000;
    bench.say(`  ${fixed(stored)} stored in ${fixed(loadSeconds)} s`);
    const payer = new Payer(encoreContestant, encore, Infinity);
    const turns = [];
    for (let round = 1; round <= rounds; round += 1) {
      const how = { seconds, warmupSeconds, concurrency: CONCURRENCY };
      // With millions stored, looking into all books takes a while: once, at the end.
      const load = await payer.pay(how, bench.processes, { isChecked: round === rounds });
      turns.push(roundOf(load));
      bench.say(`  round ${round}: ${fixed(turns.at(-1)?.perSecond ?? 0)}/s`);
    }
    return {
      ...{ label: `${fixed(stored)} stored`, stored, loadSeconds, strange: {} },
      ...medianOf(turns),
    };
  });
}
