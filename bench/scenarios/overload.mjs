// @ts-check
// Many times more payments asked for than can be made: the plateau, who is refused and how fast,
// and how soon everything is as before.
import encoreContestant from '../contestants/encore.mjs';
import { withEncore } from '../harness/own.mjs';
import { Payer } from '../harness/payers.mjs';
import { fixed, ratio } from '../harness/report.mjs';

const LEVELS = [64, 256];
const BEFORE = { seconds: 5, share: 0.5 };
const AFTER = { seconds: 15, share: 0.5 };
/** People who ask at once: each has a connection. */
const SOCKETS_MAX = 8_000;
/** The first of them fill the queues. */
const SECONDS_TO_FILL = 2;
const PLATEAU_SHARE = 0.85;
/** Calm again: answered within so many times the time it took before. */
const CALM = 2;
const RESERVE = 1.3;
/** 409: asked again without an answer, and the first one is still under way. */
const FINE = new Set(['200', '201', '202', '409', '503']);

/** @typedef {import('../harness/load.mjs').MeasuredLoad} MeasuredLoad */
/** @typedef {import('../load/recorder.mjs').Second} Second */

export const title = 'Overload';

/**
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @returns {Promise<import('../harness/scenario.mjs').Findings>}
 */
export function run(bench) {
  const { seconds, warmupSeconds, times } = bench.options;
  return withEncore(bench, async (encore) => {
    const payer = new Payer(encoreContestant, encore, Infinity);
    let peak = 0;
    for (const concurrency of LEVELS) {
      const load = await payer.pay({ seconds, warmupSeconds, concurrency }, {});
      const perSecond = load.measured.accepted.count / load.measured.seconds;
      bench.say(`  closed loop at ${concurrency}: ${fixed(perSecond)}/s`);
      peak = Math.max(peak, perSecond);
    }
    const phases = [
      { seconds: BEFORE.seconds, perSecond: peak * BEFORE.share },
      { seconds: 2 * seconds, perSecond: peak * times },
      { seconds: AFTER.seconds, perSecond: peak * AFTER.share },
    ];
    const whole = phases.reduce((sum, phase) => sum + phase.seconds, 0);
    const load = await payer.send(
      { shape: 'open', use: 'until-accepted', phases, seconds: whole, concurrency: SOCKETS_MAX },
      SOCKETS_MAX + Math.ceil(peak * whole * RESERVE),
      bench.processes,
    );
    await payer.check();
    return findingsOf(load, peak, 2 * seconds);
  });
}

/**
 * @param {MeasuredLoad} load
 * @param {number} peak
 * @param {number} overloadSeconds
 * @returns {import('../harness/scenario.mjs').Findings}
 */
function findingsOf(load, peak, overloadSeconds) {
  const { series, measured, statuses } = load;
  const begins = BEFORE.seconds;
  const ends = begins + overloadSeconds;
  const plateau = meanOf(series.slice(begins + SECONDS_TO_FILL, ends), ({ accepted }) => accepted);
  const offered = meanOf(series.slice(begins, ends), (second) => second.offered);
  const recovery = recoverySeconds(series, ends);
  const refused = statuses['503'] ?? 0;
  const strange = Object.keys(statuses).filter((status) => !FINE.has(status));
  const broken = [
    ...(plateau >= PLATEAU_SHARE * peak ? [] : [`only ${ratio(plateau, peak)} of the peak`]),
    ...(load.withRetryAfter >= refused ? [] : ['refusals that do not say when to come back']),
    ...(strange.length === 0 ? [] : [`not only yes and 503: ${JSON.stringify(statuses)}`]),
    ...(recovery === undefined ? ['no recovery while it was watched'] : []),
  ];
  return {
    tables: [
      {
        title: 'payments under overload',
        columns: ['', 'per second', 'of the peak'],
        rows: [
          ['peak, closed loop', fixed(peak), ''],
          ['offered', fixed(offered), ratio(offered, peak)],
          ['paid while overloaded', fixed(plateau), ratio(plateau, peak)],
        ],
      },
      {
        title: 'answers',
        columns: ['', 'count', 'p50 ms', 'p99 ms', 'most ms'],
        rows: [
          ['paid', ...latencyCells(measured.accepted)],
          ['refused', ...latencyCells(measured.refused)],
        ],
      },
    ],
    charts: [chartOf(series)],
    measured: { peak, offered, plateau, recoverySeconds: recovery ?? null, ...load },
    notes: [
      recovery === undefined ? 'Not recovered.' : `Recovered ${recovery} s after the overload.`,
      `Answers by status: ${JSON.stringify(statuses)}. The books say what clients were told.`,
      `${fixed(load.unsent)} were due when all ${fixed(SOCKETS_MAX)} people waited for an answer.`,
    ],
    broken,
  };
}

/** @param {readonly Second[]} series */
function chartOf(series) {
  const line = (/** @type {string} */ label, /** @type {(second: Second) => number} */ value) => ({
    label,
    points: series.map((second, at) => /** @type {[number, number]} */ ([at, value(second)])),
  });
  return {
    title: 'Payments under overload',
    kind: /** @type {const} */ ('lines'),
    unit: 'per second',
    across: 'seconds',
    series: [
      line('paid', ({ accepted }) => accepted),
      line('offered', (second) => second.offered),
      line('refused', ({ refused }) => refused),
    ],
  };
}

/**
 * From the end of the overload to the first second in which nobody is refused and everybody is
 * answered about as fast as before.
 * @param {readonly Second[]} series
 * @param {number} ends
 */
function recoverySeconds(series, ends) {
  const latency = (/** @type {Second} */ { accepted, acceptedMs }) =>
    accepted === 0 ? Infinity : acceptedMs / accepted;
  const before = meanOf(series.slice(1, BEFORE.seconds), latency);
  const after = series.slice(ends, ends + AFTER.seconds);
  const at = after.findIndex((one) => one.refused === 0 && latency(one) <= CALM * before);
  return at === -1 ? undefined : at;
}

/**
 * @param {readonly Second[]} seconds
 * @param {(second: Second) => number} value
 */
function meanOf(seconds, value) {
  return seconds.reduce((sum, second) => sum + value(second), 0) / Math.max(1, seconds.length);
}

/** @param {import('../load/histogram.mjs').Latencies} latencies */
function latencyCells({ count, p50, p99, max }) {
  return [fixed(count), ...[p50, p99, max].map((ms) => fixed(ms, 1))];
}
