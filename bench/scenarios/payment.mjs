// @ts-check
// The whole payment, over HTTP: every contestant, every concurrency, in turns.
import { join } from 'node:path';
import { privateDirectory } from '../../scripts/paths.mjs';
import { contestants, Payer } from '../harness/payers.mjs';
import { medianOf, roundOf } from '../harness/rounds.mjs';
import { fixed, ratio } from '../harness/report.mjs';

/** More than anybody makes: what to seed for a contestant that wants to know before it starts. */
const perSecondAtMost = (/** @type {number} */ level) => Math.min(4_000, 500 * level);
/** Before the first turn: code that is not compiled yet would be what is measured at one. */
const WARMING = { seconds: 15, warmupSeconds: 0, concurrency: 64 };
const WARMING_TURNS = 3;
const CHARGED_TO_NOBODY = new Set(['load client', 'harness']);

/** @typedef {import('../harness/scenario.mjs').Bench} Bench */
/** @typedef {ReturnType<typeof medianOf>} Medians */
/** @typedef {{ contestant: string, concurrency: number } & Medians} Measurement */

export const title = 'Payment';

/**
 * @param {Bench} bench
 * @returns {Promise<import('../harness/scenario.mjs').Findings>}
 */
export async function run(bench) {
  const { rounds, seconds, warmupSeconds, concurrency: levels } = bench.options;
  const payments = levels.reduce(
    (sum, level) => sum + rounds * (seconds + warmupSeconds) * perSecondAtMost(level),
    WARMING_TURNS * WARMING.seconds * perSecondAtMost(WARMING.concurrency),
  );
  const payers = await startAll(bench, payments);
  /** @type {Map<string, import('../harness/rounds.mjs').Round[]>} */
  const turns = new Map();
  try {
    for (let turn = 1; turn <= WARMING_TURNS; turn += 1) {
      for (const payer of payers) await payer.pay(WARMING, {});
    }
    for (let round = 1; round <= rounds; round += 1) {
      for (const concurrency of levels) {
        for (const payer of payers) {
          const { name, label } = payer.contestant;
          const load = await payer.pay({ seconds, warmupSeconds, concurrency }, bench.processes);
          const turn = roundOf(load);
          const key = `${name}@${concurrency}`;
          turns.set(key, [...(turns.get(key) ?? []), turn]);
          bench.say(
            `  round ${round}, ${label} at ${concurrency}: ${fixed(turn.perSecond)}/s, ` +
              `p50 ${fixed(turn.accepted.p50, 1)} ms${load.ranOut ? ' (list used up)' : ''}` +
              `, ${JSON.stringify(turn.statuses)}`,
          );
        }
      }
    }
  } finally {
    for (const payer of payers) await bench.stop(payer.running);
  }
  const measured = payers.flatMap(({ contestant: { name } }) =>
    levels.map((concurrency) => ({
      contestant: name,
      concurrency,
      ...medianOf(turns.get(`${name}@${concurrency}`) ?? []),
    })),
  );
  return findingsOf(payers, levels, measured);
}

/**
 * @param {Bench} bench
 * @param {number} payments
 */
async function startAll(bench, payments) {
  const { options, postgresUrl, amqpUrl, directory, say } = bench;
  /** @type {Payer[]} */
  const payers = [];
  try {
    for (const contestant of await contestants(options.only)) {
      say(`  starting ${contestant.label}`);
      const own = privateDirectory(join(directory, contestant.name));
      const running = await contestant.start({ postgresUrl, amqpUrl, directory: own, payments });
      bench.started(running);
      payers.push(new Payer(contestant, running, payments));
    }
  } catch (error) {
    for (const payer of payers) await bench.stop(payer.running);
    throw error;
  }
  return payers;
}

/**
 * @param {readonly Payer[]} payers
 * @param {readonly number[]} levels
 * @param {readonly Measurement[]} measured
 * @returns {import('../harness/scenario.mjs').Findings}
 */
function findingsOf(payers, levels, measured) {
  const at = (/** @type {string} */ name, /** @type {number} */ level) =>
    measured.find((one) => one.contestant === name && one.concurrency === level);
  const names = payers.map(({ contestant }) => contestant.name);
  const ours = (/** @type {number} */ level) => at('encore', level);
  /** @param {(name: string, level: number) => string} cell */
  const rowsOf = (cell) =>
    payers.map(({ contestant: { name, label } }) => [
      label,
      ...levels.map((level) => cell(name, level)),
    ]);
  const columns = ['', ...levels.map((level) => `at ${level}`)];
  const speed = {
    title: 'payments/s (ours as a multiple of theirs)',
    columns,
    rows: rowsOf((name, level) => {
      const per = at(name, level)?.perSecond ?? 0;
      const times = name === 'encore' ? '' : ` (${ratio(ours(level)?.perSecond, per)})`;
      return `${fixed(per)}${times}`;
    }),
  };
  const latency = {
    title: 'p50 / p95 / p99 ms',
    columns,
    rows: rowsOf((name, level) => {
      const { p50 = 0, p95 = 0, p99 = 0 } = at(name, level) ?? {};
      return [p50, p95, p99].map((ms) => fixed(ms, 1)).join(' / ');
    }),
  };
  const cpu = names.map((name) => cpuTable(payers, name, levels, measured));
  return {
    tables: [speed, latency, ...cpu],
    charts: [
      {
        title: 'Payments per second by requests at once',
        kind: 'bars',
        unit: '/s',
        groups: levels.map((level) => `at ${level}`),
        series: payers.map(({ contestant: { name, label } }) => ({
          label,
          values: levels.map((level) => at(name, level)?.perSecond ?? 0),
        })),
      },
    ],
    measured,
    notes: payers.map(({ contestant: { label, guarantees, lacks } }) => {
      const without = lacks.length === 0 ? '' : `; lacks: ${lacks.join(', ')}`;
      return `${label}: ${guarantees.join(', ')}${without}.`;
    }),
  };
}

/**
 * @param {readonly Payer[]} payers
 * @param {string} name
 * @param {readonly number[]} levels
 * @param {readonly Measurement[]} measured
 */
function cpuTable(payers, name, levels, measured) {
  const own = measured.filter(({ contestant }) => contestant === name);
  const label = payers.find(({ contestant }) => contestant.name === name)?.contestant.label;
  const processes = Object.keys(own[0]?.cpu ?? {});
  const used = (/** @type {string} */ one) =>
    levels.map((level) => own.find(({ concurrency }) => concurrency === level)?.cpu[one] ?? 0);
  const charged = processes.filter((one) => !CHARGED_TO_NOBODY.has(one));
  const total = levels.map((_level, index) =>
    charged.reduce((sum, one) => sum + (used(one)[index] ?? 0), 0),
  );
  return {
    title: `CPU µs per payment: ${label}`,
    columns: ['', ...levels.map((level) => `at ${level}`)],
    rows: [
      ...charged.map((one) => [one, ...used(one).map((us) => fixed(us))]),
      ['together', ...total.map((us) => fixed(us))],
      ...processes
        .filter((one) => CHARGED_TO_NOBODY.has(one))
        .map((one) => [`(${one})`, ...used(one).map((us) => fixed(us))]),
    ],
  };
}
