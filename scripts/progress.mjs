// @ts-check

const TICK_MS = 1_000;

/**
 * Tells people what is going on: a line when something begins and when it is done, with its
 * seconds; on a terminal, below them, a line that lives.
 */
export class Progress {
  /** @type {Map<string, number>} */
  #running = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #ticking;
  #beganAt = Date.now();
  #live = process.stdout.isTTY === true;

  constructor() {
    // Whoever reads along may go away (`npm start | head`): no reason to leave servers behind.
    process.stdout.on('error', () => (this.#live = false));
  }

  /**
   * @template T
   * @param {string} title
   * @param {() => T | Promise<T>} work
   * @returns {Promise<T>}
   */
  async phase(title, work) {
    const beganAt = Date.now();
    this.#running.set(title, beganAt);
    if (this.#live) this.#tick();
    else this.say(`${title} …`);
    try {
      const result = await work();
      this.#running.delete(title);
      this.say(`✓ ${title} (${secondsSince(beganAt)} s)`);
      return result;
    } catch (error) {
      this.#running.delete(title);
      this.say(`✗ ${title} (${secondsSince(beganAt)} s)`);
      throw error;
    } finally {
      this.#tick();
    }
  }

  /** @param {string} text */
  say(text) {
    this.#clear();
    process.stdout.write(`${text}\n`);
    this.#draw();
  }

  /** Seconds since everything began. */
  get seconds() {
    return secondsSince(this.#beganAt);
  }

  #tick() {
    clearInterval(this.#ticking);
    if (!this.#live) return;
    this.#clear();
    if (this.#running.size === 0) return;
    this.#draw();
    this.#ticking = setInterval(() => {
      this.#clear();
      this.#draw();
    }, TICK_MS);
    this.#ticking.unref();
  }

  #clear() {
    if (this.#live) process.stdout.write('\r\x1b[2K');
  }

  #draw() {
    if (!this.#live || this.#running.size === 0) return;
    const parts = [...this.#running].map(
      ([title, at]) => `${title} ${Math.round((Date.now() - at) / 1_000)} s`,
    );
    const line = `… ${parts.join(' · ')}`;
    process.stdout.write(line.slice(0, (process.stdout.columns || 100) - 1));
  }
}

/** @param {number} since */
function secondsSince(since) {
  return ((Date.now() - since) / 1_000).toFixed(1);
}
