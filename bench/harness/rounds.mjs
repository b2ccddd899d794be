// @ts-check
// Contestants take turns: round 1 of all, round 2 of all. What the machine does meanwhile, it does
// to everybody; the median of the rounds is told.

/**
 * @typedef {object} Expected what clients were told
 * @property {number} completed payments they were told are made
 * @property {number} unknown requests without an answer: made or not
 *
 * @typedef {object} Round one contestant's one turn
 * @property {number} perSecond accepted answers
 * @property {number} refusedPerSecond the others
 * @property {import('../load/histogram.mjs').Latencies} accepted
 * @property {import('../load/histogram.mjs').Latencies} refused
 * @property {Record<string, number>} statuses
 * @property {import('./cpu.mjs').Usage} cpu microseconds per answer, by process
 */

/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [upper = 0, lower = 0] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? upper : (lower + upper) / 2;
}

/**
 * @param {import('./load.mjs').MeasuredLoad} load
 * @returns {Round}
 */
export function roundOf({ measured, cpu }) {
  const { accepted, refused, seconds } = measured;
  const answers = accepted.count + refused.count;
  const each = Object.entries(cpu).map(([name, us]) => [name, answers === 0 ? 0 : us / answers]);
  const perSecond = (/** @type {number} */ count) => (seconds === 0 ? 0 : count / seconds);
  return {
    perSecond: perSecond(accepted.count),
    refusedPerSecond: perSecond(refused.count),
    accepted,
    refused,
    statuses: measured.statuses,
    cpu: Object.fromEntries(each),
  };
}

/**
 * The medians of several rounds, each number for itself.
 * @param {readonly Round[]} rounds
 */
export function medianOf(rounds) {
  const of = (/** @type {(round: Round) => number} */ pick) => median(rounds.map(pick));
  const names = Object.keys(rounds[0]?.cpu ?? {});
  return {
    perSecond: of((round) => round.perSecond),
    refusedPerSecond: of((round) => round.refusedPerSecond),
    p50: of((round) => round.accepted.p50),
    p95: of((round) => round.accepted.p95),
    p99: of((round) => round.accepted.p99),
    refusedP99: of((round) => round.refused.p99),
    cpu: Object.fromEntries(names.map((name) => [name, of((round) => round.cpu[name] ?? 0)])),
  };
}

/**
 * How many got no answer at all, or one that leaves the outcome open.
 * @param {Record<string, number>} statuses
 */
export function unknownIn(statuses) {
  return Object.entries(statuses)
    .filter(([status]) => !/^[2-4]\d\d$/.test(status))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** @param {Record<string, number>} statuses */
export function successfulIn(statuses) {
  return Object.entries(statuses)
    .filter(([status]) => status.startsWith('2'))
    .reduce((sum, [, count]) => sum + count, 0);
}
