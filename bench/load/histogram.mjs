// @ts-check

/** Buckets grow by 1 %: as exact as a latency can honestly be told. */
const STEPS_PER_E = 100;
const BUCKETS = 2_000;

/**
 * @typedef {{ count: number, mean: number, p50: number, p95: number, p99: number, max: number }}
 * Latencies milliseconds
 */

/** Latencies in logarithmic buckets: recording costs the load client next to nothing. */
export class Histogram {
  #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #sumMs = 0;
  #maxMs = 0;

  /** @param {number} milliseconds */
  record(milliseconds) {
    const bucket = Math.round(Math.log(Math.max(1, milliseconds * 1_000)) * STEPS_PER_E);
    const index = Math.min(BUCKETS - 1, bucket);
    this.#counts[index] = Number(this.#counts[index]) + 1;
    this.#count += 1;
    this.#sumMs += milliseconds;
    if (milliseconds > this.#maxMs) this.#maxMs = milliseconds;
  }

  /** @returns {Latencies} */
  summary() {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sumMs / this.#count,
      p50: this.#quantile(0.5),
      p95: this.#quantile(0.95),
      p99: this.#quantile(0.99),
      max: this.#maxMs,
    };
  }

  /** @param {number} share */
  #quantile(share) {
    const wanted = Math.ceil(this.#count * share);
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= wanted) return Math.exp(index / STEPS_PER_E) / 1_000;
    }
    return 0;
  }
}
