// @ts-check
import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/paths.mjs';
import { busyMicroseconds, cpuOf, cpuTogether, difference } from './cpu.mjs';

const CLIENT = join(ROOT, 'bench', 'load', 'client.mjs');
const TIMEOUT_MS = 15_000;

/**
 * @typedef {Partial<import('../load/client.mjs').Order> & Pick<import('../load/client.mjs').Order,
 *   'url' | 'seconds' | 'concurrency' | 'packed'>} LoadOrder
 * @typedef {import('../load/recorder.mjs').LoadResult & {
 *   cpu: import('./cpu.mjs').Usage,
 * }} MeasuredLoad `cpu` in microseconds by process, of the measured time alone
 */

/**
 * Sends a load from a process of its own and tells what came back and what it cost.
 * @param {LoadOrder} order
 * @param {Record<string, number>} [processes] whose CPU time is wanted, by name
 * @returns {Promise<MeasuredLoad>}
 */
export function runLoad(order, processes = {}) {
  const client = fork(CLIENT, { serialization: 'advanced' });
  const watched = { ...processes, 'load client': Number(client.pid) };
  const defaults = { shape: 'closed', warmupSeconds: 0, use: 'once', timeoutMs: TIMEOUT_MS };
  client.send({ ...defaults, ...order });
  let before = lookAt(watched);
  /** @type {import('./cpu.mjs').Usage} */
  let cpu = {};
  /** @type {import('../load/recorder.mjs').LoadResult | undefined} */
  let result;
  client.on('message', (/** @type {any} */ message) => {
    if (message.measuring) before = lookAt(watched);
    if (message.measured) {
      const after = lookAt(watched);
      cpu = difference(before.cpu, after.cpu);
      noteForeign(before, after);
    }
    if (message.result) result = message.result;
  });
  return new Promise((resolve, reject) => {
    client.once('error', reject);
    client.once('exit', (code) => {
      if (result === undefined) reject(new Error(`The load client ended with ${code}`));
      else resolve({ ...result, cpu });
    });
  });
}

/** @typedef {ReturnType<typeof lookAt>} Look */

/**
 * The load's processes, this one for what the logs of its children cost it, and the machine.
 * @param {Record<string, number>} watched
 */
function lookAt(watched) {
  const { user, system } = process.cpuUsage();
  return {
    cpu: { ...cpuOf(watched), harness: user + system },
    // Everything that was started here, also what has just nothing to do.
    family: cpuTogether([process.pid, ...Object.values(watched)]),
    busy: busyMicroseconds(),
    atMs: performance.now(),
  };
}

let foreignShareMax = 0;

/** The most that other programs took of the processors during any load so far, from 0 to 1. */
export function foreignShare() {
  return foreignShareMax;
}

/**
 * @param {Look} before
 * @param {Look} after
 */
function noteForeign(before, after) {
  const foreign = after.busy - before.busy - (after.family - before.family);
  const possible = (after.atMs - before.atMs) * 1_000 * cpus().length;
  foreignShareMax = Math.max(foreignShareMax, foreign / possible);
}
