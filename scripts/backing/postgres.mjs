// @ts-check
// A private PostgreSQL: our own data directory, loopback only, a password, no system service.
import {
  chownSync,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run, spawnServer } from '../processes.mjs';
import { accountForPostgres, canEnter, directoryFor } from './account.mjs';
import { directoriesWith, majorOf, POSTGRES_HOMES } from './candidates.mjs';
import { embeddedPostgres } from './embedded-postgres.mjs';
import { accepts, choosePorts } from './ports.mjs';
import { privateServer } from './server.mjs';

/** @typedef {import('./find.mjs').BackingOptions} BackingOptions */
/** @typedef {import('./account.mjs').Account} Account */
/** @typedef {{ bin: string, major: number, source: string }} PostgresBinaries */

const MAJOR_AT_LEAST = 14;
const DEFAULT_PORT = 54_320;
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

/** Data that lives for one test run needs to survive nothing: not even the machine losing power. */
const THROW_AWAY = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=300',
  'shared_buffers=128MB',
  'logging_collector=off',
  'log_min_messages=warning',
];

/**
 * PostgreSQL installed on this machine, newest first.
 * @param {{ patterns?: readonly string[], path?: string }} [where]
 * @returns {PostgresBinaries[]}
 */
export function installedPostgres({
  patterns = POSTGRES_HOMES,
  path = process.env['PATH'] ?? '',
} = {}) {
  return directoriesWith({ patterns, path, programs: ['postgres', 'initdb'] }).flatMap((bin) => {
    const major = majorOf(run(join(bin, 'postgres'), ['--version']));
    if (major === undefined || major < MAJOR_AT_LEAST) return [];
    return [{ bin, major, source: `PostgreSQL ${major} installed in ${bin}` }];
  });
}

/**
 * Starts PostgreSQL from the first of the given binaries that can work with the data that is
 * there. Resolves with the reason when there is none.
 * @param {readonly PostgresBinaries[]} candidates
 * @param {BackingOptions} options
 * @returns {Promise<import('./server.mjs').BackingServer | string>}
 */
async function startFirst(candidates, options) {
  const account = accountForPostgres();
  const data = join(directoryFor(account, options.directory, 'postgres'), 'data');
  const versionFile = join(data, 'PG_VERSION');
  const written = existsSync(versionFile) ? Number(readFileSync(versionFile, 'utf8')) : undefined;
  const chosen = candidates.find(({ major }) => written === undefined || major === written);
  if (chosen === undefined) {
    return `the data in ${data} belongs to PostgreSQL ${written}: install that one, or "npm run reset"`;
  }
  const bin = reachableBinaries(chosen.bin, account, options.directory);
  if (written === undefined) initialise({ bin, data, account, options });
  const server = await describe({ bin, data, account, options, source: chosen.source });
  await server.start();
  return server;
}

/**
 * @param {BackingOptions} options
 * @returns {Promise<import('./server.mjs').BackingServer | string>}
 */
export async function postgresFromInstallation(options) {
  const candidates = installedPostgres();
  if (candidates.length === 0) return `no PostgreSQL ${MAJOR_AT_LEAST} or newer is installed`;
  return startFirst(candidates, options);
}

/**
 * @param {BackingOptions} options
 * @returns {Promise<import('./server.mjs').BackingServer | string>}
 */
export async function postgresFromPackage(options) {
  const found = embeddedPostgres();
  if (typeof found === 'string') return found;
  return startFirst([found], options);
}

/**
 * Binaries below a closed home cannot be run by another account: it gets a copy.
 * @param {string} bin
 * @param {Account} account
 * @param {string} base
 */
function reachableBinaries(bin, account, base) {
  if (canEnter(account, bin)) return bin;
  const copy = directoryFor(account, base, 'postgres-binaries');
  const [original, copied] = [join(bin, 'postgres'), join(copy, 'bin', 'postgres')];
  if (!existsSync(copied) || statSync(copied).size !== statSync(original).size) {
    cpSync(join(bin, '..'), copy, { recursive: true, verbatimSymlinks: true });
  }
  return join(copy, 'bin');
}

/**
 * Makes an empty cluster; one that was interrupted half-way leaves nothing that looks finished.
 * @param {{ bin: string, data: string, account: Account, options: BackingOptions }} given
 */
function initialise({ bin, data, account, options }) {
  const unfinished = `${data}.new`;
  const passwordFile = `${data}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    chownSync(passwordFile, account.uid, account.gid);
  }
  try {
    const args = ['-D', unfinished, '-U', 'postgres', '--auth=scram-sha-256'];
    args.push('--pwfile', passwordFile, '--encoding=UTF8', '--no-locale');
    if (options.throwAway) args.push('--no-sync');
    run(join(bin, 'initdb'), args, { ...account, cwd: '/' });
    renameSync(unfinished, data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/**
 * @param {{
 *   bin: string, data: string, account: Account, options: BackingOptions, source: string,
 * }} given
 */
async function describe({ bin, data, account, options, source }) {
  const preferred = options.throwAway ? undefined : DEFAULT_PORT;
  const [port] = /** @type {[number]} */ (await choosePorts([preferred]));
  const isRisked = options.throwAway && options.durable !== true;
  const settings = isRisked ? [...SETTINGS, ...THROW_AWAY] : SETTINGS;
  const logFile = join(options.directory, 'logs', 'postgres.log');
  const args = ['-D', data, '-p', String(port)];
  for (const setting of settings) args.push('-c', setting);
  return privateServer({
    source,
    url: `postgres://postgres:${options.password}@127.0.0.1:${port}/postgres`,
    managementUrl: null,
    logFile,
    launch: () =>
      spawnServer({ command: join(bin, 'postgres'), args, logFile, cwd: '/', ...account }),
    isUp: () => answers(port),
    // "Fast": ends the sessions, writes everything, and leaves.
    stopSignal: 'SIGINT',
    startLimitMs: START_LIMIT_MS,
    stopLimitMs: STOP_LIMIT_MS,
  });
}

/**
 * PostgreSQL opens its port before it can serve; a start-up packet tells the two apart.
 * @param {number} port
 */
async function answers(port) {
  if (!(await accepts(port))) return false;
  const { startupAnswer } = await import('./postgres-probe.mjs');
  return (await startupAnswer(port)) === 'serving';
}
