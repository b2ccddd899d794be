// @ts-check
// CPU time by process, as the kernel counts it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** USER_HZ is 100 on every Linux there is to meet. */
const TICK_US = 10_000;
const PAGE_KB = 4;

/** Fields of /proc/<pid>/stat behind the command's name. */
const PARENT = 1;
const TIMES = [11, 12, 13, 14];
const RESIDENT_PAGES = 21;
const LISTENS = '0A';

/** @typedef {Record<string, number>} Usage microseconds, or kilobytes, by name */

/**
 * @param {number} pid
 * @returns {string[] | undefined} undefined when it is gone
 */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Every process there is, read once. */
function allProcesses() {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return new Map(
    pids.flatMap((pid) => {
      const fields = statOf(pid);
      return fields === undefined ? [] : [/** @type {const} */ ([pid, fields])];
    }),
  );
}

/**
 * @param {ReturnType<typeof allProcesses>} processes
 * @param {readonly number[]} roots
 * @returns {number[]} they, their children and so on, each once
 */
function familyOf(processes, roots) {
  const family = new Set(roots);
  for (const ancestor of family) {
    for (const [pid, fields] of processes) {
      if (Number(fields[PARENT]) === ancestor) family.add(pid);
    }
  }
  return [...family];
}

/**
 * @param {Record<string, number>} roots pids by name
 * @param {(fields: string[]) => number} amountOf
 * @returns {Usage} of each with its children, their children and so on
 */
function sumsOf(roots, amountOf) {
  const processes = allProcesses();
  return Object.fromEntries(
    Object.entries(roots).map(([name, root]) => {
      const amounts = familyOf(processes, [root]).map((pid) => amountOf(processes.get(pid) ?? []));
      return [name, amounts.reduce((sum, amount) => sum + amount, 0)];
    }),
  );
}

/**
 * Time of a process and of its children that ended, which the kernel adds to their parent's: that
 * is how PostgreSQL's closed sessions count.
 * @param {string[]} fields
 */
function workOf(fields) {
  return TIMES.reduce((sum, field) => sum + Number(fields[field] ?? 0) * TICK_US, 0);
}

/**
 * What each has used so far, with its children.
 * @param {Record<string, number>} roots
 */
export function cpuOf(roots) {
  return sumsOf(roots, workOf);
}

/**
 * What all of them have used so far; who is another's child counts once.
 * @param {readonly number[]} roots
 */
export function cpuTogether(roots) {
  const processes = allProcesses();
  return familyOf(processes, roots).reduce((sum, pid) => sum + workOf(processes.get(pid) ?? []), 0);
}

/** What all processors together have worked so far, in microseconds, for whomever. */
export function busyMicroseconds() {
  const [, user, nice, system, , , irq, softIrq, stolen] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)
    .join()
    .split(/\s+/)
    .map(Number);
  const ticks = [user, nice, system, irq, softIrq, stolen].map((count) => count ?? 0);
  return ticks.reduce((sum, count) => sum + count, 0) * TICK_US;
}

/**
 * Memory each holds. PostgreSQL's children share most of theirs, and it counts for each.
 * @param {Record<string, number>} roots
 */
export function residentKilobytesOf(roots) {
  return sumsOf(roots, (fields) => Number(fields[RESIDENT_PAGES] ?? 0) * PAGE_KB);
}

/**
 * @param {Usage} before
 * @param {Usage} after
 * @returns {Usage}
 */
export function difference(before, after) {
  return Object.fromEntries(
    Object.entries(after).map(([name, amount]) => [name, amount - (before[name] ?? 0)]),
  );
}

/**
 * Who listens on a port of this machine: how a server that was given by its URL is found.
 * @param {number} port
 * @returns {number | undefined} its pid; undefined when it is elsewhere or somebody else's
 */
export function listenerOn(port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === LISTENS)
    .map((fields) => `socket:[${fields[9]}]`);
  const owners = readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && linksOf(pid).some((link) => sockets.includes(link)));
  // PostgreSQL's children inherit the socket; the eldest of them is the server.
  return owners.sort((one, other) => one - other)[0];
}

/** @param {number} pid */
function linksOf(pid) {
  try {
    const directory = `/proc/${pid}/fd`;
    return readdirSync(directory).map((name) => readlinkSync(`${directory}/${name}`));
  } catch {
    // Gone, or not ours to look into.
    return [];
  }
}
