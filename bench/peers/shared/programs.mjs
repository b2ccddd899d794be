// @ts-check
// Builds and runs the programs of a peer.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/paths.mjs';
import { run } from '../../../scripts/processes.mjs';
import { installBenchPackages } from '../../harness/packages.mjs';

const BUILD_LIMIT_MS = 120_000;
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;

let isBuilt = false;

/** Once per run of the bench; a build that is current takes a second. */
export function buildPrograms() {
  if (isBuilt) return;
  installBenchPackages();
  run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'bench'], {
    cwd: ROOT,
    timeoutMs: BUILD_LIMIT_MS,
  });
  isBuilt = true;
}

/** @typedef {{ port?: number }} Ready what a program says once it serves */

export class Programs {
  /** @type {Map<string, import('node:child_process').ChildProcess>} */
  #children = new Map();

  /**
   * @param {string} peer
   * @param {string} directory for logs
   */
  constructor(peer, directory) {
    this.peer = peer;
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** @returns {Record<string, number>} pids by name */
  get processes() {
    const children = [...this.#children];
    return Object.fromEntries(children.map(([name, child]) => [name, Number(child.pid)]));
  }

  /**
   * @param {string} name of the program and of its process
   * @param {Record<string, string>} settings
   * @returns {Promise<Ready>}
   */
  start(name, settings) {
    const log = openSync(join(this.directory, `${this.peer}-${name}.log`), 'a');
    const child = spawn(
      process.execPath,
      [join(ROOT, 'bench/dist/peers', this.peer, `${name}.js`)],
      {
        cwd: ROOT,
        env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...settings },
        stdio: ['ignore', log, log, 'ipc'],
      },
    );
    closeSync(log);
    this.#children.set(name, child);
    return new Promise((resolve, reject) => {
      const fail = (/** @type {string} */ why) =>
        reject(new Error(`${this.peer} ${name} ${why}: see its log in ${this.directory}`));
      const timer = setTimeout(() => fail('is not ready'), START_LIMIT_MS);
      child.once('error', reject);
      child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
      child.once('message', (/** @type {Ready} */ ready) => {
        clearTimeout(timer);
        resolve(ready);
      });
    });
  }

  /** Each in peace, or by force when it takes too long. */
  async stop() {
    await Promise.all([...this.#children.values()].map(stop));
    this.#children.clear();
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    child.kill('SIGTERM');
  });
}
