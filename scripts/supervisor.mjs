// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, renameSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { until } from './processes.mjs';

/** Exit code of a process whose configuration cannot be used: starting it again would not help. */
const EXIT_CONFIG = 78;
const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 10_000;
/** Who lived this long had started well: its next death begins a new count. */
const SETTLED_MS = 20_000;
const LOG_MAX_BYTES = 20_000_000;

/**
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Exit
 * @typedef {object} ProcessDescription
 * @property {string} name
 * @property {readonly string[]} args of node
 * @property {NodeJS.ProcessEnv} env
 * @property {string} logFile everything it prints, appended
 * @property {(line: string) => void} [onLine]
 * @property {() => void} [onChange] it has another pid now, or none
 */

/**
 * One process that is kept alive: started again when it dies, with growing pauses, until it is
 * stopped. Each has a process group of its own, so that Ctrl-C in a terminal reaches only the
 * supervisor.
 */
export class SupervisedProcess {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  /** @type {NodeJS.Timeout | undefined} */
  #restart;
  #wanted = false;
  #deaths = 0;
  /** Every end so far, the oldest first. @type {Exit[]} */
  exits = [];

  /** @param {ProcessDescription} description */
  constructor(description) {
    this.description = description;
    const { logFile } = description;
    if (existsSync(logFile) && statSync(logFile).size > LOG_MAX_BYTES) {
      renameSync(logFile, `${logFile}.old`);
    }
    this.#log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  }

  #log;

  get name() {
    return this.description.name;
  }

  /** Undefined while it is down. */
  get pid() {
    return this.#child?.pid;
  }

  start() {
    this.#wanted = true;
    clearTimeout(this.#restart);
    if (this.#child !== undefined) return;
    const { args, env } = this.description;
    const startedAt = Date.now();
    const child = spawn(process.execPath, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#take(line));
    }
    child.once('error', (error) => this.#take(`${this.name} cannot be run: ${error.message}`));
    child.once('exit', (code, signal) => this.#ended({ code, signal }, Date.now() - startedAt));
    this.description.onChange?.();
  }

  /**
   * Sends a signal; resolves with the end it led to. Who dies of it is started again, unless told
   * otherwise.
   * @param {NodeJS.Signals} signal
   * @param {{ restart?: boolean }} [options]
   * @returns {Promise<Exit>}
   */
  async kill(signal, { restart = true } = {}) {
    const child = this.#child;
    if (child === undefined) throw new Error(`${this.name} is not running`);
    this.#wanted = restart;
    const ended = new Promise((resolve) =>
      child.once('exit', (code, by) => resolve({ code, signal: by })),
    );
    child.kill(signal);
    return ended;
  }

  /**
   * Ends it for good: SIGTERM, and after the grace time SIGKILL.
   * @param {number} graceMs
   */
  async stop(graceMs) {
    this.#wanted = false;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child !== undefined) {
      child.kill('SIGTERM');
      if (!(await until(() => this.#child !== child, graceMs))) {
        this.#take(`${this.name} did not end within ${graceMs} ms and is killed`);
        child.kill('SIGKILL');
        await until(() => this.#child !== child, 5_000);
      }
    }
    await new Promise((resolve) => this.#log.end(() => resolve(undefined)));
  }

  /** @param {string} line */
  #take(line) {
    if (this.#log.writable) this.#log.write(`${line}\n`);
    this.description.onLine?.(line);
  }

  /**
   * @param {Exit} exit
   * @param {number} livedMs
   */
  #ended(exit, livedMs) {
    this.#child = undefined;
    this.exits.push(exit);
    this.description.onChange?.();
    if (!this.#wanted) return;
    if (exit.code === EXIT_CONFIG) {
      this.#wanted = false;
      this.#take(`${this.name} cannot use its configuration and is not started again`);
      return;
    }
    this.#deaths = livedMs >= SETTLED_MS ? 1 : this.#deaths + 1;
    const pauseMs = Math.min(BACKOFF_FIRST_MS * 2 ** (this.#deaths - 1), BACKOFF_MAX_MS);
    this.#take(
      `${this.name} ended (${exit.signal ?? exit.code}); starting it again in ${pauseMs} ms`,
    );
    this.#restart = setTimeout(() => this.start(), pauseMs);
  }
}
