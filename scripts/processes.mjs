// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A process as it can be recognised later: a pid alone may belong to somebody else by then.
 * @typedef {{ pid: number, startedAt: string }} Recognisable
 */

/**
 * When a process was started, as the system tells it; undefined when it is gone.
 * @param {number} pid
 * @returns {string | undefined}
 */
export function startOf(pid) {
  if (process.platform === 'linux') {
    const fields = statusFields(pid);
    return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
  }
  const listed = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return listed.stdout.trim() || undefined;
}

/**
 * State, parent … of a process as Linux lists them; undefined when it is gone.
 * @param {number} pid
 * @returns {string[] | undefined}
 */
function statusFields(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in parentheses, may hold blanks; the fields after it are fixed.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/**
 * The parent of every process there is.
 * @returns {Map<number, number>}
 */
function parents() {
  if (process.platform !== 'linux') {
    const listed = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout;
    const rows = listed
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number));
    return new Map(rows.map(([pid, parent]) => [Number(pid), Number(parent)]));
  }
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return new Map(pids.map((pid) => [pid, Number(statusFields(pid)?.[1])]));
}

/**
 * Children, their children and so on of a process.
 * @param {number} pid
 * @returns {number[]}
 */
export function descendantsOf(pid) {
  const parentOf = parents();
  const found = [pid];
  for (const ancestor of found) {
    for (const [child, parent] of parentOf) if (parent === ancestor) found.push(child);
  }
  return found.slice(1);
}

/**
 * @param {number} pid
 * @returns {Recognisable}
 */
export function recognisable(pid) {
  return { pid, startedAt: startOf(pid) ?? '' };
}

/**
 * @param {Recognisable} one
 * @returns {boolean}
 */
export function isAlive(one) {
  const startedAt = startOf(one.pid);
  return startedAt !== undefined && startedAt === one.startedAt;
}

/**
 * Sends a signal to a process that still is the recorded one, and to nobody else.
 * @param {Recognisable} one
 * @param {NodeJS.Signals} signal
 */
export function send(one, signal) {
  if (!isAlive(one)) return;
  try {
    process.kill(one.pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * Asks recorded processes to end and makes sure that they did.
 * @param {readonly Recognisable[]} processes
 * @param {{ signal?: NodeJS.Signals, graceMs: number }} options
 */
export async function end(processes, { signal = 'SIGTERM', graceMs }) {
  for (const one of processes) send(one, signal);
  if (await until(() => !processes.some(isAlive), graceMs)) return;
  for (const one of processes) send(one, 'SIGKILL');
  await until(() => !processes.some(isAlive), 5_000);
}

/**
 * Polls a condition; false when it did not come true in time.
 * @param {() => boolean | Promise<boolean>} condition
 * @param {number} limitMs
 * @param {number} [everyMs]
 * @returns {Promise<boolean>}
 */
export async function until(condition, limitMs, everyMs = 25) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    if (await condition()) return true;
    if (Date.now() >= deadline) return false;
    await delay(everyMs);
  }
}

/**
 * Starts a server process whose output goes to a file. It gets a process group of its own, so that
 * Ctrl-C in the terminal reaches only the starter, which then ends everything in order.
 * @param {{
 *   command: string, args: readonly string[], logFile: string,
 *   env?: NodeJS.ProcessEnv, cwd?: string, uid?: number, gid?: number,
 * }} options
 * @returns {import('node:child_process').ChildProcess}
 */
export function spawnServer({ command, args, logFile, env, cwd, uid, gid }) {
  const log = openSync(logFile, 'a', 0o600);
  try {
    return spawn(command, args, {
      stdio: ['ignore', log, log],
      detached: true,
      ...(env === undefined ? {} : { env }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
  } finally {
    closeSync(log);
  }
}

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [cwd]
 * @property {number} [uid]
 * @property {number} [gid]
 * @property {number} [timeoutMs]
 */

/**
 * Runs a command to its end and returns its output; a failure throws with what it said.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {string}
 */
export function run(command, args, options = {}) {
  const { timeoutMs = 60_000, ...rest } = options;
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: timeoutMs,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...rest,
  });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    const said = `${result.stderr}${result.stdout}`.trim().split('\n').slice(-8).join('\n');
    throw new Error(`${command} failed (${result.status ?? result.signal}): ${said}`);
  }
  return result.stdout;
}

/**
 * The last lines of a log file, for an error message.
 * @param {string} file
 * @param {number} [lines]
 */
export function tailOf(file, lines = 12) {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}
