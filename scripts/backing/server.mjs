// @ts-check
import { descendantsOf, end, isAlive, recognisable, tailOf, until } from '../processes.mjs';

/** @typedef {import('../processes.mjs').Recognisable} Recognisable */

/**
 * A PostgreSQL or RabbitMQ and what may be done with it.
 * @typedef {object} BackingServer
 * @property {string} source where it comes from, for people: "PostgreSQL 15 from /usr/lib/…"
 * @property {string} url an administrator's connection
 * @property {string | null} managementUrl RabbitMQ's management, when it is known
 * @property {boolean} ours whether we started it and so may stop it
 * @property {() => readonly Recognisable[]} processes to clean up after us
 * @property {() => readonly string[]} containers likewise, by name
 * @property {() => boolean} isRunning
 * @property {() => Promise<void>} start again on the same ports and data, after stop or kill
 * @property {() => Promise<void>} stop orderly; data stays
 * @property {() => Promise<void>} kill as a power cut would
 * @property {() => Promise<void>} discard stop for good, leaving nothing that another start needs
 */

/**
 * A server that somebody else runs: never started, stopped or killed by us.
 * @param {{ source: string, url: string, managementUrl: string | null }} facts
 * @returns {BackingServer}
 */
export function foreignServer({ source, url, managementUrl }) {
  const refuse = () => Promise.reject(new Error(`${source} is not ours to start or stop`));
  return {
    source,
    url,
    managementUrl,
    ours: false,
    processes: () => [],
    containers: () => [],
    isRunning: () => true,
    start: refuse,
    stop: () => Promise.resolve(),
    kill: refuse,
    discard: () => Promise.resolve(),
  };
}

/**
 * A server that runs as our child process.
 * @param {{
 * source: string, url: string, managementUrl: string | null, logFile: string, launch: () =>
 * import('node:child_process').ChildProcess, isUp: () => Promise<boolean>, stopSignal:
 * NodeJS.Signals, startLimitMs: number, stopLimitMs: number, beforeStart?: () => Promise<readonly
 * import('node:child_process').ChildProcess[]>, }} options `beforeStart` brings up what the server
 * needs beside it and returns it, to be ended with it
 * @returns {BackingServer}
 */
export function privateServer(options) {
  /** @type {Recognisable[]} */
  let companions = [];
  /** @type {Recognisable | undefined} */
  let main;

  /** The server and what it has started itself. */
  function family() {
    if (main === undefined || !isAlive(main)) return [];
    return [main, ...descendantsOf(main.pid).map(recognisable)];
  }

  async function start() {
    if (main !== undefined && isAlive(main)) return;
    const beside = (await options.beforeStart?.()) ?? [];
    companions.push(...beside.map((child) => recognisable(Number(child.pid))));
    companions = companions.filter(isAlive);
    const child = options.launch();
    if (child.pid === undefined) {
      const error = await new Promise((resolve) => child.once('error', resolve));
      throw new Error(`${options.source} cannot be run: ${error}`);
    }
    main = recognisable(child.pid);
    const launched = main;
    const settled = await until(
      async () => !isAlive(launched) || (await options.isUp()),
      options.startLimitMs,
    );
    if (isAlive(main) && settled) return;
    await end([...family(), ...companions], { graceMs: 1_000 });
    throw new Error(`${options.source} did not start:\n${tailOf(options.logFile)}`);
  }

  /**
   * @param {NodeJS.Signals} signal
   * @param {number} graceMs
   */
  async function finish(signal, graceMs) {
    const members = family();
    if (main !== undefined) await end([main], { signal, graceMs });
    // Children of a killed parent would go on for a while, and keep its ports and its data.
    await end(members, { signal: 'SIGKILL', graceMs: 0 });
    await end(companions, { graceMs: 1_000 });
    companions = [];
    main = undefined;
  }

  return {
    source: options.source,
    url: options.url,
    managementUrl: options.managementUrl,
    ours: true,
    processes: () => [...family(), ...companions],
    containers: () => [],
    isRunning: () => main !== undefined && isAlive(main),
    start,
    stop: () => finish(options.stopSignal, options.stopLimitMs),
    kill: () => finish('SIGKILL', 0),
    discard: () => finish(options.stopSignal, options.stopLimitMs),
  };
}
