// @ts-check
// A private RabbitMQ: own node name, ports, epmd, data and cookie; everything on loopback.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnServer, until } from '../processes.mjs';
import { privateDirectory } from '../paths.mjs';
import { directoriesWith, inPath, RABBITMQ_HOMES } from './candidates.mjs';
import { accepts, choosePorts } from './ports.mjs';
import { privateServer } from './server.mjs';

/** @typedef {import('./find.mjs').BackingOptions} BackingOptions */
/**
 * @typedef {object} BrokerPorts
 * @property {number} amqp
 * @property {number} distribution between nodes
 * @property {number} epmd
 * @property {number} management
 */

/** AMQP, distribution between nodes, epmd, management. */
const DEFAULT_PORTS = [56_720, 56_721, 56_722, 56_723];
const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 20_000;
const EPMD_LIMIT_MS = 10_000;
const USER = 'encore';
const LOOPBACK_ONLY = '-kernel inet_dist_use_interface {127,0,0,1}';
/** Erlang's threads look out for work for a while before they sleep: here others need the cores. */
const NO_BUSY_WAITING = '+sbwt none +sbwtdcpu none +sbwtdio none';

/**
 * RabbitMQ's own start script, where it is installed together with its Erlang. A packager's wrapper
 * is told by the missing `rabbitmq-env` beside it: it changes user and directory and is of no use
 * here.
 * @param {{ patterns?: readonly string[], path?: string }} [where]
 * @returns {{ bin: string, epmd: string } | string}
 */
export function installedRabbit({
  patterns = RABBITMQ_HOMES,
  path = process.env['PATH'] ?? '',
} = {}) {
  const programs = ['rabbitmq-server', 'rabbitmq-env'];
  const [bin] = directoriesWith({ patterns, path, programs });
  if (bin === undefined) return 'RabbitMQ is not installed';
  const epmd = inPath('epmd', path);
  if (epmd === undefined || inPath('erl', path) === undefined) {
    return `RabbitMQ in ${bin} has no Erlang: erl and epmd are not in PATH`;
  }
  return { bin, epmd };
}

/**
 * @param {BackingOptions} options
 * @returns {Promise<import('./server.mjs').BackingServer | string>}
 */
export async function rabbitFromInstallation(options) {
  const found = installedRabbit();
  if (typeof found === 'string') return found;
  const server = await describe(found, options);
  await server.start();
  return server;
}

/**
 * @param {{ bin: string, epmd: string }} programs
 * @param {BackingOptions} options
 */
async function describe({ bin, epmd }, options) {
  const preferred = options.throwAway
    ? [undefined, undefined, undefined, undefined]
    : DEFAULT_PORTS;
  const chosen = /** @type {[number, number, number, number]} */ (await choosePorts(preferred));
  const [amqp, distribution, epmdPort, management] = chosen;
  const ports = { amqp, distribution, epmd: epmdPort, management };
  const home = privateDirectory(options.directory, 'rabbitmq');
  const logFile = join(options.directory, 'logs', 'rabbitmq.log');
  const env = environmentFor(home, ports);
  writeSettings(home, ports, options);
  const manageable = !options.throwAway;
  return privateServer({
    source: `RabbitMQ installed in ${bin}`,
    url: `amqp://${USER}:${options.password}@127.0.0.1:${amqp}`,
    managementUrl: manageable ? `http://127.0.0.1:${management}` : null,
    logFile,
    beforeStart: async () => [await startPortMapper({ epmd, port: epmdPort, logFile, env })],
    launch: () =>
      spawnServer({ command: join(bin, 'rabbitmq-server'), args: [], logFile, env, cwd: home }),
    isUp: async () => (await accepts(amqp)) && (!manageable || (await accepts(management))),
    stopSignal: 'SIGTERM',
    startLimitMs: START_LIMIT_MS,
    stopLimitMs: STOP_LIMIT_MS,
  });
}

/**
 * Erlang's port mapper as our own child. Left to itself RabbitMQ would start one that outlives it.
 * @param {{ epmd: string, port: number, logFile: string, env: NodeJS.ProcessEnv }} given
 */
async function startPortMapper({ epmd, port, logFile, env }) {
  const args = ['-port', String(port), '-address', '127.0.0.1'];
  const child = spawnServer({ command: epmd, args, logFile, env });
  if (!(await until(() => accepts(port), EPMD_LIMIT_MS))) {
    throw new Error(`Erlang's port mapper did not open port ${port}: see ${logFile}`);
  }
  return child;
}

/**
 * @param {string} home
 * @param {BrokerPorts} ports
 * @returns {NodeJS.ProcessEnv}
 */
function environmentFor(home, ports) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('RABBITMQ_') && !name.startsWith('ERL_'),
  );
  return {
    ...Object.fromEntries(inherited),
    // Decides where the cookie is.
    HOME: home,
    RABBITMQ_NODENAME: 'encore@localhost',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_MNESIA_BASE: privateDirectory(home, 'data'),
    RABBITMQ_LOG_BASE: privateDirectory(home, 'log'),
    RABBITMQ_CONFIG_FILE: join(home, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'enabled_plugins'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_PID_FILE: join(home, 'pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `${LOOPBACK_ONLY} ${NO_BUSY_WAITING}`,
  };
}

/**
 * @param {string} home
 * @param {BrokerPorts} ports
 * @param {BackingOptions} options
 */
function writeSettings(home, ports, options) {
  const settings = [
    `listeners.tcp.local = 127.0.0.1:${ports.amqp}`,
    `default_user = ${USER}`,
    `default_pass = ${options.password}`,
    'log.console = false',
    ...(options.throwAway
      ? []
      : ['management.tcp.ip = 127.0.0.1', `management.tcp.port = ${ports.management}`]),
  ];
  // Plugins' web listeners drain for seconds at every stop: only a broker that people look at has
  // any.
  const plugins = options.throwAway ? '[].' : '[rabbitmq_management].';
  const configuration = join(home, 'rabbitmq.conf');
  if (existsSync(configuration)) rmSync(configuration);
  writeFileSync(configuration, `${settings.join('\n')}\n`, { mode: 0o600 });
  writeFileSync(join(home, 'enabled_plugins'), `${plugins}\n`);
}
