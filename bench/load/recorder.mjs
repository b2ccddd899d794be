// @ts-check
import { Histogram } from './histogram.mjs';

const RETRY_AFTER = /\r\nretry-after: *\d+/i;

/**
 * What a load brought about.
 * @typedef {object} Tally
 * @property {Record<string, number>} statuses by status, or by why there was none
 * @property {import('./histogram.mjs').Latencies} accepted answers below 400
 * @property {import('./histogram.mjs').Latencies} refused the others
 * @property {number} seconds
 *
 * @typedef {object} Second what happened in one second of a load
 * @property {number} offered
 * @property {number} accepted
 * @property {number} refused
 * @property {number} acceptedMs all latencies of what was accepted, added up
 *
 * @typedef {object} LoadResult
 * @property {Tally} measured between warm-up and end
 * @property {Record<string, number>} statuses of everything that was ever sent
 * @property {Second[]} series
 * @property {number} withRetryAfter answers that told when to come back
 * @property {number} unsent requests that were due when nobody was left to send them
 * @property {number} used requests of the list that were sent
 * @property {boolean} ranOut the list ended before the time
 */

/** Counts what comes back, apart from what came back while the system was warming up. */
export class Recorder {
  /** @type {Record<string, number>} */
  #all = {};
  /** @type {Record<string, number>} */
  #measured = {};
  #accepted = new Histogram();
  #refused = new Histogram();
  /** @type {Second[]} */
  #series = [];
  #withRetryAfter = 0;
  #unsent = 0;
  #startedAtMs = performance.now();
  #measuringSinceMs = 0;
  #measuredMs = 0;

  startMeasuring() {
    this.#measuringSinceMs = performance.now();
  }

  stopMeasuring() {
    if (this.#measuredMs === 0) this.#measuredMs = performance.now() - this.#measuringSinceMs;
  }

  noteUnsent() {
    this.#unsent += 1;
  }

  offer() {
    this.#second().offered += 1;
  }

  /**
   * @param {import('./connection.mjs').Response} response
   * @param {number} latencyMs
   */
  record({ status, failure, head }, latencyMs) {
    const key = failure ?? String(status);
    const isAccepted = status >= 200 && status < 400;
    this.#all[key] = (this.#all[key] ?? 0) + 1;
    if (!isAccepted && RETRY_AFTER.test(head)) this.#withRetryAfter += 1;
    const second = this.#second();
    second[isAccepted ? 'accepted' : 'refused'] += 1;
    if (isAccepted) second.acceptedMs += latencyMs;
    if (this.#measuringSinceMs === 0 || this.#measuredMs !== 0) return;
    this.#measured[key] = (this.#measured[key] ?? 0) + 1;
    (isAccepted ? this.#accepted : this.#refused).record(latencyMs);
  }

  /** @returns {Omit<LoadResult, 'used' | 'ranOut'>} */
  result() {
    return {
      measured: {
        statuses: this.#measured,
        accepted: this.#accepted.summary(),
        refused: this.#refused.summary(),
        seconds: this.#measuredMs / 1_000,
      },
      statuses: this.#all,
      series: this.#series,
      withRetryAfter: this.#withRetryAfter,
      unsent: this.#unsent,
    };
  }

  #second() {
    const second = Math.floor((performance.now() - this.#startedAtMs) / 1_000);
    while (this.#series.length <= second) {
      this.#series.push({ offered: 0, accepted: 0, refused: 0, acceptedMs: 0 });
    }
    const at = this.#series[second];
    if (at === undefined) throw new Error(`There is no second ${second}`);
    return at;
  }
}
