// @ts-check
// Backing servers as containers, where a Docker engine runs. The client alone is no engine.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { until } from '../processes.mjs';
import { accepts, choosePorts } from './ports.mjs';
import { startupAnswer } from './postgres-probe.mjs';

/** @typedef {import('./find.mjs').BackingOptions} BackingOptions */
/** @typedef {{ status: number | null, output: string }} Said */
/** @typedef {(args: readonly string[], timeoutMs: number) => Said} Docker */

const POSTGRES_IMAGE = 'postgres:17';
const RABBITMQ_IMAGE = 'rabbitmq:4-management';
const QUICK_MS = 10_000;
const PULL_LIMIT_MS = 180_000;
const START_LIMIT_MS = 90_000;
const STOP_SECONDS = 20;

/** @type {Docker} */
function dockerCommand(args, timeoutMs) {
  const result = spawnSync('docker', args, { encoding: 'utf8', timeout: timeoutMs });
  return { status: result.status, output: `${result.stdout ?? ''}${result.stderr ?? ''}`.trim() };
}

/**
 * Why an image cannot be run here; undefined when it can.
 * @param {string} image
 * @param {Docker} [docker]
 * @returns {string | undefined}
 */
export function whyNotDocker(image, docker = dockerCommand) {
  if (docker(['info'], QUICK_MS).status !== 0) return 'no Docker engine is running';
  if (docker(['image', 'inspect', image], QUICK_MS).status === 0) return undefined;
  if (docker(['pull', '--quiet', image], PULL_LIMIT_MS).status === 0) return undefined;
  return `Docker has no image ${image} and cannot pull it`;
}

/**
 * @param {BackingOptions} options
 * @returns {Promise<import('./server.mjs').BackingServer | string>}
 */
export async function postgresFromDocker(options) {
  const missing = whyNotDocker(POSTGRES_IMAGE);
  if (missing !== undefined) return missing;
  const settings = options.throwAway ? ['-c', 'fsync=off', '-c', 'synchronous_commit=off'] : [];
  return startContainer({
    options,
    kind: 'postgres',
    image: POSTGRES_IMAGE,
    port: 5_432,
    args: ['-e', `POSTGRES_PASSWORD=${options.password}`],
    dataDirectory: '/var/lib/postgresql/data',
    command: ['-c', 'max_connections=300', ...settings],
    isUp: async (port) => (await startupAnswer(port)) === 'serving',
    urlOf: (port) => `postgres://postgres:${options.password}@127.0.0.1:${port}/postgres`,
  });
}

/**
 * @param {BackingOptions} options
 * @returns {Promise<import('./server.mjs').BackingServer | string>}
 */
export async function rabbitFromDocker(options) {
  const missing = whyNotDocker(RABBITMQ_IMAGE);
  if (missing !== undefined) return missing;
  return startContainer({
    options,
    kind: 'rabbitmq',
    image: RABBITMQ_IMAGE,
    port: 5_672,
    managementPort: 15_672,
    // The host's name is part of the node's name, and that of where its data is.
    args: [
      ...['--hostname', 'encore'],
      ...['-e', 'RABBITMQ_DEFAULT_USER=encore', '-e', `RABBITMQ_DEFAULT_PASS=${options.password}`],
    ],
    dataDirectory: '/var/lib/rabbitmq',
    command: [],
    isUp: (port) => greetsWithAmqp(port),
    urlOf: (port) => `amqp://encore:${options.password}@127.0.0.1:${port}`,
  });
}

/**
 * @param {{
 *   options: BackingOptions, kind: string, image: string, port: number, managementPort?: number,
 *   args: readonly string[], dataDirectory: string, command: readonly string[],
 *   isUp: (port: number) => Promise<boolean>, urlOf: (port: number) => string,
 * }} given
 * @returns {Promise<import('./server.mjs').BackingServer>}
 */
async function startContainer(given) {
  const { options } = given;
  const name = containerName(options.directory, given.kind);
  // Ports of our own choice: Docker would give others at every start.
  const [port, managementPort] = /** @type {[number, number]} */ (
    await choosePorts([undefined, undefined])
  );
  const publish = ['-p', `127.0.0.1:${port}:${given.port}`];
  if (given.managementPort !== undefined) {
    publish.push('-p', `127.0.0.1:${managementPort}:${given.managementPort}`);
  }
  const volume = options.throwAway ? [] : ['-v', `${name}:${given.dataDirectory}`];
  const awaitUp = async () => {
    if (await until(() => given.isUp(port), START_LIMIT_MS, 200)) return;
    const log = dockerCommand(['logs', '--tail', '12', name], QUICK_MS).output;
    throw new Error(`${given.image} did not start:\n${log}`);
  };
  removeContainer(name);
  must([
    ...['run', '--detach', '--name', name, ...publish, ...volume],
    ...[...given.args, given.image, ...given.command],
  ]);
  await awaitUp();
  return {
    source: `${given.image} in Docker`,
    url: given.urlOf(port),
    managementUrl: given.managementPort === undefined ? null : `http://127.0.0.1:${managementPort}`,
    ours: true,
    processes: () => [],
    containers: () => [name],
    isRunning: () =>
      dockerCommand(['inspect', '-f', '{{.State.Running}}', name], QUICK_MS).output === 'true',
    start: async () => {
      must(['start', name]);
      await awaitUp();
    },
    stop: async () => must(['stop', '--time', String(STOP_SECONDS), name]),
    kill: async () => must(['kill', name]),
  };
}

/** @param {readonly string[]} args */
function must(args) {
  const { status, output } = dockerCommand(args, START_LIMIT_MS);
  if (status !== 0) throw new Error(`docker ${args[0]}: ${output}`);
}

/**
 * One container, and one volume of the same name, for each private directory and kind of server.
 * @param {string} directory
 * @param {string} kind
 */
function containerName(directory, kind) {
  const mark = createHash('sha256').update(directory).digest('hex').slice(0, 10);
  return `encore-${kind}-${mark}`;
}

/**
 * Removes a container of ours, running or not; its named volume stays.
 * @param {string} name
 */
export function removeContainer(name) {
  dockerCommand(['rm', '--force', '--volumes', name], QUICK_MS);
}

/**
 * Removes the data that containers of a private directory left behind.
 * @param {string} directory
 */
export function removeVolumes(directory) {
  if (dockerCommand(['info'], QUICK_MS).status !== 0) return;
  for (const kind of ['postgres', 'rabbitmq']) {
    const name = containerName(directory, kind);
    removeContainer(name);
    dockerCommand(['volume', 'rm', '--force', name], QUICK_MS);
  }
}

/**
 * Docker's proxy accepts before anybody behind it does: only an answer counts.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
async function greetsWithAmqp(port) {
  if (!(await accepts(port))) return false;
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 });
    const finish = (/** @type {boolean} */ answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write('AMQP\0\0\x09\x01'));
    socket.once('data', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}
