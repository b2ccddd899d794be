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
/** The first third fills caches and pools; the last may take so much more than the one between. */
const THIRDS = 3;
const GROWTH_MAX = 1.2;
/**
 * The gateway remembers fewer people than come in the first third: what grows after it is no cache
 * on its way to its limit. A person it remembers costs it some 1.3 kB.
 */
const REMEMBERED = '20000';
const ENV = {
  TOKEN_CACHE_MAX_TOKENS: REMEMBERED,
  GATE_MAX_ENTRIES: REMEMBERED,
  RATE_LIMIT_MAX_KEYS: REMEMBERED,
};

/** @typedef {{ minute: number, payments: number, megabytes: Record<string, number> }} Sample */

export const title = 'Memory under load';

/**
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @returns {Promise<import('../harness/scenario.mjs').Findings>}
 */
export function run(bench) {
  return withEncore(bench, (encore) => payAndLook(bench, encore), ENV);
}

/**
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @param {import('../contestants/encore.mjs').Encore} encore
 */
async function payAndLook({ options, processes, say }, encore) {
  const payer = new Payer(encoreContestant, encore, Infinity);
  const startedAt = Date.now();
  const elapsed = () => (Date.now() - startedAt) / MINUTE_MS;
  /** @type {Sample[]} */
  const samples = [];
  let payments = 0;
  while (elapsed() < options.minutes || samples.length < THIRDS) {
    const how = { seconds: STRETCH_SECONDS, warmupSeconds: 0, concurrency: CONCURRENCY };
    // Looking into ever longer books would be a load of its own.
    const load = await payer.pay(how, processes, { isChecked: false });
    payments += load.measured.accepted.count;
    const kilobytes = residentKilobytesOf({ ...encore.processes, ...processes });
    const megabytes = Object.fromEntries(
      Object.entries(kilobytes).map(([name, amount]) => [name, amount / 1_024]),
    );
    samples.push({ minute: elapsed(), payments, megabytes });
    say(`  minute ${fixed(elapsed(), 1)}: ${fixed(payments)} payments`);
  }
  await payer.check();
  return findingsOf(samples, Object.keys(encore.processes));
}

/**
 * @param {readonly Sample[]} samples
 * @param {readonly string[]} ours
 * @returns {import('../harness/scenario.mjs').Findings}
 */
function findingsOf(samples, ours) {
  const names = Object.keys(samples[0]?.megabytes ?? {});
  const of = (/** @type {string} */ name) => samples.map(({ megabytes }) => megabytes[name] ?? 0);
  // A heap is a saw: what its peaks do tells whether it grows.
  const peakIn = (/** @type {string} */ name, /** @type {number} */ third) => {
    const values = of(name);
    const at = (/** @type {number} */ thirds) => Math.floor((values.length * thirds) / THIRDS);
    return Math.max(...values.slice(at(third - 1), at(third)));
  };
  const grown = ours.filter((name) => peakIn(name, 3) > GROWTH_MAX * peakIn(name, 2));
  return {
    tables: [
      {
        title: 'resident memory, MB',
        columns: ['', 'at first', 'most in thirds 1', '2', '3', 'at last'],
        rows: names.map((name) => {
          const values = of(name);
          const peaks = [1, 2, 3].map((third) => peakIn(name, third));
          const told = [values[0] ?? 0, ...peaks, values.at(-1) ?? 0];
          return [name, ...told.map((megabytes) => fixed(megabytes))];
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
