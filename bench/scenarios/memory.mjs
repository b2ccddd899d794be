// @ts-check
// What each process holds in memory over half an hour of payments.
import encoreContestant from '../contestants/encore.mjs';
import { residentKilobytesOf } from '../harness/cpu.mjs';
import { withEncore } from '../harness/own.mjs';
import { Payer } from '../harness/payers.mjs';
import { fixed } from '../harness/report.mjs';

const CONCURRENCY = 64;
const STRETCH_SECONDS = 20;
const MINUTE_MS = 60_000;
/** The first third fills caches and pools; afterwards memory may grow by so much. */
const SETTLED_AFTER = 1 / 3;
const GROWTH_MAX = 1.2;

/** @typedef {{ minute: number, payments: number, megabytes: Record<string, number> }} Sample */

export const title = 'Memory under load';

/**
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @returns {Promise<import('../harness/scenario.mjs').Findings>}
 */
export function run(bench) {
  const { minutes } = bench.options;
  return withEncore(bench, async (encore) => {
    const payer = new Payer(encoreContestant, encore, Infinity);
    const startedAt = Date.now();
    const elapsed = () => (Date.now() - startedAt) / MINUTE_MS;
    /** @type {Sample[]} */
    const samples = [];
    let payments = 0;
    while (elapsed() < minutes) {
      const how = { seconds: STRETCH_SECONDS, warmupSeconds: 0, concurrency: CONCURRENCY };
      // Looking into ever longer books would be a load of its own.
      const load = await payer.pay(how, bench.processes, { isChecked: false });
      payments += load.measured.accepted.count;
      const kilobytes = residentKilobytesOf({ ...encore.processes, ...bench.processes });
      const megabytes = Object.fromEntries(
        Object.entries(kilobytes).map(([name, amount]) => [name, amount / 1_024]),
      );
      samples.push({ minute: elapsed(), payments, megabytes });
      bench.say(`  minute ${fixed(elapsed(), 1)}: ${fixed(payments)} payments`);
    }
    await payer.check();
    return findingsOf(samples, Object.keys(encore.processes));
  });
}

/**
 * @param {readonly Sample[]} samples
 * @param {readonly string[]} ours
 * @returns {import('../harness/scenario.mjs').Findings}
 */
function findingsOf(samples, ours) {
  const names = Object.keys(samples[0]?.megabytes ?? {});
  const of = (/** @type {string} */ name) => samples.map(({ megabytes }) => megabytes[name] ?? 0);
  const settled = (/** @type {string} */ name) => {
    const values = of(name);
    return values.slice(Math.floor(values.length * SETTLED_AFTER));
  };
  const grown = ours.filter((name) => {
    const values = settled(name);
    return (values.at(-1) ?? 0) > GROWTH_MAX * (values[0] ?? 0);
  });
  return {
    tables: [
      {
        title: 'resident memory, MB',
        columns: ['', 'first', 'settled', 'most', 'last'],
        rows: names.map((name) => {
          const values = of(name);
          const told = [values[0], settled(name)[0], Math.max(...values), values.at(-1)];
          return [name, ...told.map((megabytes) => fixed(megabytes ?? 0))];
        }),
      },
    ],
    charts: [
      {
        title: 'Resident memory of each process under load',
        kind: 'lines',
        unit: 'MB',
        across: 'minutes',
        series: names
          .filter((name) => ours.includes(name))
          .map((label) => ({
            label,
            points: samples.map(({ minute, megabytes }) => [minute, megabytes[label] ?? 0]),
          })),
      },
    ],
    measured: samples,
    notes: [`${fixed(samples.at(-1)?.payments ?? 0)} payments at ${CONCURRENCY} at once.`],
    broken: grown.map((name) => `${name} still grows`),
  };
}
