// @ts-check
// PostgreSQL and RabbitMQ for one run: throw-away ones, but as durable as those one would keep, or
// those of POSTGRES_URL and AMQP_URL.
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeOutside } from '../../scripts/backing/account.mjs';
import { findPostgres, findRabbit } from '../../scripts/backing/find.mjs';
import { PRIVATE, privateDirectory } from '../../scripts/paths.mjs';
import { claim, endLeftovers, release, starterOf, writeDown } from '../../scripts/run-record.mjs';
import { listenerOn } from './cpu.mjs';

const RUNS = join(PRIVATE, 'bench');

/**
 * @typedef {object} Servers
 * @property {string} postgresUrl
 * @property {string} amqpUrl
 * @property {string} directory of this run, gone after it
 * @property {Record<string, number>} processes pids, as far as they are on this machine
 * @property {string[]} sources for people
 * @property {(system: import('../../scripts/system.mjs').System) => void} writeDown for the next
 *   run, which ends what this one leaves behind when it is killed
 * @property {() => Promise<void>} stop
 */

/**
 * @param {(text: string) => void} report
 * @returns {Promise<Servers>}
 */
export async function startServers(report) {
  await removeAbandoned();
  const directory = join(RUNS, String(process.pid));
  await claim(directory);
  const options = {
    directory,
    password: randomBytes(16).toString('hex'),
    throwAway: true,
    durable: true,
    report,
    env: process.env,
  };
  /** @type {Parameters<typeof writeDown>[1]} */
  const running = {};
  const stop = async () => {
    await Promise.all([running.broker?.discard(), running.postgres?.discard()]);
    release(directory);
    removeOutside(directory);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const [postgres, broker] = await Promise.all([
      findPostgres(options).then((server) => (running.postgres = server)),
      findRabbit(options).then((server) => (running.broker = server)),
    ]);
    writeDown(directory, running);
    const processes = { ...processOf('broker', broker), ...processOf('postgres', postgres) };
    const sources = [postgres.source, broker.source];
    return {
      writeDown: (system) => writeDown(directory, { ...running, system }),
      ...{ postgresUrl: postgres.url, amqpUrl: broker.url, directory, processes, sources, stop },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {string} name
 * @param {import('../../scripts/backing/server.mjs').BackingServer} server
 * @returns {Record<string, number>}
 */
function processOf(name, server) {
  const pid = server.processes()[0]?.pid ?? listenerOn(Number(new URL(server.url).port));
  return pid === undefined ? {} : { [name]: pid };
}

/** Ends and removes what runs that were killed left behind. */
async function removeAbandoned() {
  privateDirectory(PRIVATE);
  for (const name of readdirSync(privateDirectory(RUNS))) {
    const abandoned = join(RUNS, name);
    if (starterOf(abandoned) !== undefined) continue;
    await endLeftovers(abandoned);
    removeOutside(abandoned);
    rmSync(abandoned, { recursive: true, force: true });
  }
}
