// @ts-check
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../scripts/paths.mjs';
import { cpuOf, difference } from './cpu.mjs';

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
  let before = usageOf(watched);
  /** @type {import('./cpu.mjs').Usage} */
  let cpu = {};
  /** @type {import('../load/recorder.mjs').LoadResult | undefined} */
  let result;
  client.on('message', (/** @type {any} */ message) => {
    if (message.measuring) before = usageOf(watched);
    if (message.measured) cpu = difference(before, usageOf(watched));
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

/**
 * With this process, for what it costs to keep the logs of those it started; they themselves are
 * its children, and not meant.
 * @param {Record<string, number>} processes
 */
function usageOf(processes) {
  const { user, system } = process.cpuUsage();
  return { ...cpuOf(processes), harness: user + system };
}
