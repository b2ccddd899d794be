// @ts-check
// What is running, on file: for people and tools `run.json`, for ourselves what has to be ended.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeContainer } from './backing/docker.mjs';
import { privateDirectory } from './paths.mjs';
import { end, isAlive, recognisable } from './processes.mjs';

/** @typedef {import('./processes.mjs').Recognisable} Recognisable */
/**
 * @typedef {object} Record
 * @property {Recognisable} starter
 * @property {Recognisable[]} processes
 * @property {Recognisable[]} servers
 * @property {string[]} containers
 */

const OWN = 'processes.json';
const PUBLIC = 'run.json';
const SERVICE_GRACE_MS = 12_000;
const SERVER_GRACE_MS = 20_000;

/**
 * Takes the directory for this process; fails when another one that lives has it. What a starter
 * that died left running is ended first.
 * @param {string} directory
 * @returns {Promise<Recognisable | undefined>} the one that has it, if any
 */
export async function claim(directory) {
  privateDirectory(directory);
  const file = join(directory, OWN);
  const mine = { starter: recognisable(process.pid), processes: [], servers: [], containers: [] };
  for (;;) {
    try {
      // "wx" makes the file or fails: of two starters at the same instant one gets it.
      writeFileSync(file, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
      return undefined;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const record = readOwn(directory);
    if (record !== undefined && isAlive(record.starter)) return record.starter;
    await endLeftovers(directory);
  }
}

/**
 * @param {string} directory
 * @returns {Recognisable | undefined} the living process that has the directory
 */
export function starterOf(directory) {
  const record = readOwn(directory);
  return record !== undefined && isAlive(record.starter) ? record.starter : undefined;
}

/**
 * Ends what a starter that died has left behind; true when there was a record of one.
 * @param {string} directory
 */
export async function endLeftovers(directory) {
  const record = readOwn(directory);
  if (!existsSync(join(directory, OWN))) return false;
  if (record !== undefined) {
    await end(record.processes, { graceMs: SERVICE_GRACE_MS });
    await end(record.servers, { graceMs: SERVER_GRACE_MS });
    for (const name of record.containers) removeContainer(name);
  }
  release(directory);
  return true;
}

/** @param {string} directory */
export function release(directory) {
  rmSync(join(directory, PUBLIC), { force: true });
  rmSync(join(directory, OWN), { force: true });
}

/**
 * Writes down what runs now.
 * @param {string} directory
 * @param {{
 *   system?: import('./system.mjs').System,
 *   postgres?: import('./backing/server.mjs').BackingServer,
 *   broker?: import('./backing/server.mjs').BackingServer,
 * }} parts
 */
export function writeDown(directory, { system, postgres, broker }) {
  const services = Object.values(system?.services ?? {});
  const servers = [postgres, broker].filter((server) => server !== undefined);
  replace(join(directory, OWN), {
    starter: recognisable(process.pid),
    processes: services.flatMap(({ pid }) => (pid === null ? [] : [recognisable(pid)])),
    servers: servers.flatMap((server) => server.processes()),
    containers: servers.flatMap((server) => server.containers()),
  });
  if (system === undefined) return;
  replace(join(directory, PUBLIC), {
    gateway: system.gateway,
    services: system.services,
    broker: broker?.url ?? null,
    management: broker?.managementUrl ?? null,
  });
}

/** @param {string} directory */
export function readPublic(directory) {
  const file = join(directory, PUBLIC);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/**
 * @param {string} directory
 * @returns {Record | undefined} undefined also while another process is just writing it
 */
function readOwn(directory) {
  try {
    return JSON.parse(readFileSync(join(directory, OWN), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * A reader sees the old content or the new one, never half of it.
 * @param {string} file
 * @param {object} content
 */
function replace(file, content) {
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
