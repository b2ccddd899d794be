// @ts-check
import { Histogram } from './histogram.mjs';

/**
 * What a load brought about.
 * @typedef {object} Tally
 * @property {Record<string, number>} statuses by status, or by why there was none
 * @property {import('./histogram.mjs').Latencies} accepted answers below 400
 * @property {import('./histogram.mjs').Latencies} refused the others
 * @property {number} seconds
 *
 * @typedef {object} LoadResult
 * @property {Tally} measured between warm-up and end
 * @property {Record<string, number>} statuses of everything that was ever sent
 * @property {{ offered: number, accepted: number, refused: number }[]} series per second
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
  /** @type {{ offered: number, accepted: number, refused: number }[]} */
  #series = [];
  #startedAtMs = performance.now();
  #measuringSinceMs = 0;
  #measuredMs = 0;

  startMeasuring() {
    this.#measuringSinceMs = performance.now();
  }

  stopMeasuring() {
    if (this.#measuredMs === 0) this.#measuredMs = performance.now() - this.#measuringSinceMs;
  }

  offer() {
    this.#second().offered += 1;
  }

  /**
   * @param {import('./connection.mjs').Response} response
   * @param {number} latencyMs
   */
  record({ status, failure }, latencyMs) {
    const key = failure ?? String(status);
    const isAccepted = status >= 200 && status < 400;
    this.#all[key] = (this.#all[key] ?? 0) + 1;
    this.#second()[isAccepted ? 'accepted' : 'refused'] += 1;
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
    };
  }

  #second() {
    const second = Math.floor((performance.now() - this.#startedAtMs) / 1_000);
    while (this.#series.length <= second) {
      this.#series.push({ offered: 0, accepted: 0, refused: 0 });
    }
    const at = this.#series[second];
    if (at === undefined) throw new Error(`There is no second ${second}`);
    return at;
  }
}
