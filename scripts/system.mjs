// @ts-check
// The whole system as processes: six services on given backing servers. `npm start` and the tests
// of the whole system run the same code.
import { join } from 'node:path';
import { choosePorts } from './backing/ports.mjs';
import { dropDatabases, passwordsFrom, prepareDatabases, SERVICES } from './databases.mjs';
import { privateDirectory, ROOT } from './paths.mjs';
import { until } from './processes.mjs';
import { publicKeysOf } from './secrets.mjs';
import { SupervisedProcess } from './supervisor.mjs';

export const GATEWAY = 'api-gateway';
export const PROCESSES = [...SERVICES, GATEWAY];

/** Longer than SHUTDOWN_GRACE_MS, so that a service ends by itself. */
const STOP_GRACE_MS = 12_000;
const READY_LIMIT_MS = 90_000;
const READY_POLL_MS = 100;
const DATABASE_PREFIX = 'encore_';
/**
 * As in the Dockerfile. With a larger young generation what waits is copied less often, and a heap
 * is looked through when it has doubled: docs/decisions/0022. Code lies in large pages: 0024.
 */
const NODE_ARGUMENTS = [
  '--enable-source-maps',
  '--use-largepages=silent',
  '--max-semi-space-size=64',
  '--heap-growing-percent=100',
];

/**
 * @typedef {object} SystemOptions
 * @property {string} postgres an administrator's URL
 * @property {string} broker AMQP URL
 * @property {import('./secrets.mjs').Secrets} secrets
 * @property {string} logDirectory
 * @property {string} [databasePrefix] before every database and role; `encore_` when absent
 * @property {string} [queuePrefix] before every queue and exchange; none when absent
 * @property {string} [gatewayHost]
 * @property {number} [gatewayPort] any free one when absent
 * @property {number} [metricsPort] the first of six; any free ones when absent or taken
 * @property {number} [healthPort] likewise
 * @property {Record<string, string>} [env] for every process
 * @property {Record<string, Record<string, string>>} [envOf] for one process, by its name
 * @property {Record<string, string>} [preload] a module a process loads first, by its name
 * @property {(name: string, line: string) => void} [onLine]
 * @property {() => void} [onChange]
 */

/**
 * @typedef {{ pid: number | null, metrics: string, health: string, database: string | null }} Facts
 * @typedef {import('./supervisor.mjs').Exit} Exit
 */

/**
 * Prepares the databases and starts every process; resolves before they are ready: see
 * `awaitAllReady`.
 * @param {SystemOptions} options
 * @returns {Promise<System>}
 */
export async function startSystem(options) {
  const databases = await prepareDatabases({
    adminUrl: options.postgres,
    prefix: options.databasePrefix ?? DATABASE_PREFIX,
    passwordOf: passwordsFrom(options.secrets.roles),
  });
  const ports = await portsFor(options);
  privateDirectory(options.logDirectory);
  const system = new System(options, databases, ports);
  for (const name of PROCESSES) system.process(name).start();
  return system;
}

/** Six processes that are kept alive until they are stopped. */
export class System {
  #options;
  #databases;
  #ports;
  /** @type {Map<string, SupervisedProcess>} */
  #processes;

  /**
   * @param {SystemOptions} options
   * @param {Record<string, string>} databases
   * @param {Ports} ports
   */
  constructor(options, databases, ports) {
    this.#options = options;
    this.#databases = databases;
    this.#ports = ports;
    this.#processes = new Map(
      PROCESSES.map((name) => [name, describe(name, options, databases[name], ports)]),
    );
  }

  /** The URL clients use. */
  get gateway() {
    return this.#ports.gateway;
  }

  /**
   * Every process as it is right now; `database` is the service's own connection.
   * @returns {Record<string, Facts>}
   */
  get services() {
    const rows = PROCESSES.map((name) => [
      name,
      {
        pid: this.process(name).pid ?? null,
        metrics: `http://127.0.0.1:${this.#ports.metrics.get(name)}/metrics`,
        health: this.#healthOf(name),
        database: this.#databases[name] ?? null,
      },
    ]);
    return Object.fromEntries(rows);
  }

  /**
   * @param {string} name
   * @returns {SupervisedProcess}
   */
  process(name) {
    const one = this.#processes.get(name);
    if (one === undefined) throw new Error(`There is no process ${name}`);
    return one;
  }

  /**
   * Every end of a process so far.
   * @param {string} name
   * @returns {readonly Exit[]}
   */
  exitsOf(name) {
    return this.process(name).exits;
  }

  /**
   * Sends a signal and resolves with the end it led to. The process is started again, unless told
   * otherwise.
   * @param {string} name
   * @param {NodeJS.Signals} [signal]
   * @param {{ restart?: boolean }} [options]
   * @returns {Promise<Exit>}
   */
  kill(name, signal = 'SIGKILL', options = {}) {
    return this.process(name).kill(signal, options);
  }

  /**
   * SIGTERM; it stays down.
   * @param {string} name
   * @returns {Promise<Exit>}
   */
  stopOne(name) {
    return this.kill(name, 'SIGTERM', { restart: false });
  }

  /**
   * Resolves when it is ready.
   * @param {string} name
   */
  async startOne(name) {
    this.process(name).start();
    await this.awaitReady(name);
  }

  /**
   * Orderly; resolves when it is ready again, with how it ended.
   * @param {string} name
   * @returns {Promise<Exit>}
   */
  async restartOne(name) {
    const exit = await this.stopOne(name);
    await this.startOne(name);
    return exit;
  }

  /**
   * @param {string} name
   * @param {number} [limitMs]
   */
  async awaitReady(name, limitMs = READY_LIMIT_MS) {
    let said = '';
    const isReady = async () => {
      const answer = await readiness(this.#healthOf(name));
      said = answer.said;
      return answer.ready && this.process(name).pid !== undefined;
    };
    if (await until(isReady, limitMs, READY_POLL_MS)) return;
    throw new Error(`${name} is not ready after ${limitMs} ms: ${said}`);
  }

  /** @param {number} [limitMs] */
  async awaitAllReady(limitMs) {
    await Promise.all(PROCESSES.map((name) => this.awaitReady(name, limitMs)));
  }

  /**
   * Ends every process; databases and queues stay. The gateway goes first: nobody is told "yes" by
   * it while what stands behind it goes away.
   */
  async stop() {
    await this.process(GATEWAY).stop(STOP_GRACE_MS);
    await Promise.all(SERVICES.map((name) => this.process(name).stop(STOP_GRACE_MS)));
  }

  /** After `stop`, on a server that others use too. */
  async dropDatabases() {
    const prefix = this.#options.databasePrefix ?? DATABASE_PREFIX;
    await dropDatabases({ adminUrl: this.#options.postgres, prefix });
  }

  /** @param {string} name */
  #healthOf(name) {
    return name === GATEWAY
      ? this.#ports.gateway
      : `http://127.0.0.1:${this.#ports.health.get(name)}`;
  }
}

/**
 * @typedef {object} Ports
 * @property {string} gateway its URL
 * @property {number} gatewayPort
 * @property {Map<string, number>} metrics
 * @property {Map<string, number>} health
 */

/**
 * @param {SystemOptions} options
 * @returns {Promise<Ports>}
 */
async function portsFor({ gatewayHost = '127.0.0.1', gatewayPort, metricsPort, healthPort }) {
  const from = (/** @type {number | undefined} */ first) =>
    PROCESSES.map((_name, index) => (first === undefined ? undefined : first + index));
  const chosen = await choosePorts([gatewayPort, ...from(metricsPort), ...from(healthPort)]);
  const [gateway, ...others] = /** @type {[number, ...number[]]} */ (chosen);
  if (gatewayPort !== undefined && gateway !== gatewayPort) {
    throw new Error(`Port ${gatewayPort} is in use: GATEWAY_PORT chooses another one`);
  }
  const named = (/** @type {number} */ offset) =>
    new Map(PROCESSES.map((name, index) => [name, Number(others[offset + index])]));
  const asked = gatewayHost === '0.0.0.0' || gatewayHost === '::' ? '127.0.0.1' : gatewayHost;
  return {
    gateway: `http://${asked}:${gateway}`,
    gatewayPort: gateway,
    metrics: named(0),
    health: named(PROCESSES.length),
  };
}

/**
 * @param {string} name
 * @param {SystemOptions} options
 * @param {string | undefined} database
 * @param {Ports} ports
 */
function describe(name, options, database, ports) {
  const preload = options.preload?.[name];
  const entry = join(ROOT, 'services', name, 'dist', 'main.js');
  const keys = options.secrets.tokenSigningKeys;
  const servicesOnly = { ACTOR_VERIFICATION_KEYS: JSON.stringify(publicKeysOf(keys)) };
  const gatewayOnly = {
    HTTP_HOST: options.gatewayHost ?? '127.0.0.1',
    HTTP_PORT: String(ports.gatewayPort),
    TOKEN_SIGNING_KEYS: JSON.stringify(keys),
  };
  return new SupervisedProcess({
    name,
    args: [...NODE_ARGUMENTS, ...(preload === undefined ? [] : ['--import', preload]), entry],
    env: {
      ...process.env,
      NODE_ENV: 'development',
      ...options.env,
      AMQP_URL: options.broker,
      AMQP_PREFIX: options.queuePrefix ?? '',
      HEALTH_PORT: String(ports.health.get(name)),
      METRICS_PORT: String(ports.metrics.get(name)),
      ...(database === undefined ? {} : { DATABASE_URL: database }),
      ...(name === GATEWAY ? gatewayOnly : servicesOnly),
      ...options.envOf?.[name],
    },
    logFile: join(options.logDirectory, `${name}.log`),
    onLine: (line) => options.onLine?.(name, line),
    onChange: () => options.onChange?.(),
  });
}

/**
 * @param {string} base
 * @returns {Promise<{ ready: boolean, said: string }>}
 */
async function readiness(base) {
  try {
    const response = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return { ready: response.ok, said: await response.text() };
  } catch (error) {
    return { ready: false, said: error instanceof Error ? error.message : String(error) };
  }
}
