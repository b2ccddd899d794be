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
/** Part of RabbitMQ's node name, and that of where its data is. */
const HOSTNAME = 'encore';

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
  const isRisked = options.throwAway && options.durable !== true;
  const settings = isRisked ? ['-c', 'fsync=off', '-c', 'synchronous_commit=off'] : [];
  return startContainer({
    options,
    kind: 'postgres',
    image: POSTGRES_IMAGE,
    port: 5_432,
    env: { POSTGRES_PASSWORD: options.password },
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
    env: { RABBITMQ_DEFAULT_USER: 'encore', RABBITMQ_DEFAULT_PASS: options.password },
    dataDirectory: '/var/lib/rabbitmq',
    command: [],
    isUp: (port) => greetsWithAmqp(port),
    urlOf: (port) => `amqp://encore:${options.password}@127.0.0.1:${port}`,
  });
}

/**
 * @typedef {object} Container
 * @property {BackingOptions} options
 * @property {string} kind
 * @property {string} image
 * @property {number} port inside the container
 * @property {number} [managementPort] likewise
 * @property {Record<string, string>} env
 * @property {string} dataDirectory
 * @property {readonly string[]} command
 * @property {(port: number) => Promise<boolean>} isUp
 * @property {(port: number) => string} urlOf
 */

/** @typedef {{ container: number, host: number }} PublishedPort */

/**
 * @param {Container} given
 * @returns {Promise<import('./server.mjs').BackingServer>}
 */
async function startContainer(given) {
  const { options } = given;
  const name = containerName(options.directory, given.kind);
  // Ports of our own choice: Docker would give others at every start.
  const [port, managementPort] = /** @type {[number, number]} */ (
    await choosePorts([undefined, undefined])
  );
  const ports = [{ container: given.port, host: port }];
  if (given.managementPort !== undefined) {
    ports.push({ container: given.managementPort, host: managementPort });
  }
  const isRunning = () =>
    dockerCommand(['inspect', '-f', '{{.State.Running}}', name], QUICK_MS).output === 'true';
  const awaitUp = async () => {
    const settled = async () => (await given.isUp(port)) || !isRunning();
    if ((await until(settled, START_LIMIT_MS, 200)) && isRunning()) return;
    const log = dockerCommand(['logs', '--tail', '12', name], QUICK_MS).output;
    throw new Error(`${given.image} did not start:\n${log}`);
  };
  removeContainer(name);
  await (options.throwAway ? runForTests(given, name, ports) : runForKeeps(given, name, ports));
  await awaitUp();
  return {
    source: `${given.image} in Docker`,
    url: given.urlOf(port),
    managementUrl: given.managementPort === undefined ? null : `http://127.0.0.1:${managementPort}`,
    ours: true,
    processes: () => [],
    containers: () => [name],
    isRunning,
    start: async () => {
      must(['start', name]);
      await awaitUp();
    },
    stop: async () => must(['stop', '--time', String(STOP_SECONDS), name]),
    kill: async () => must(['kill', name]),
    discard: async () => removeContainer(name),
  };
}

/**
 * With a volume that outlives the container, and on loopback only.
 * @param {Container} given
 * @param {string} name
 * @param {readonly PublishedPort[]} ports
 */
async function runForKeeps({ image, env, dataDirectory, command }, name, ports) {
  const args = ['run', '--detach', '--name', name, '--hostname', HOSTNAME];
  for (const { container, host } of ports) args.push('-p', `127.0.0.1:${host}:${container}`);
  for (const [variable, value] of Object.entries(env)) args.push('-e', `${variable}=${value}`);
  must([...args, '-v', `${name}:${dataDirectory}`, image, ...command]);
}

/**
 * With Testcontainers, and without its reaper, which would be one more image to pull: what a killed
 * run leaves behind, the next one removes by its record.
 * @param {Container} given
 * @param {string} name
 * @param {PublishedPort[]} ports
 */
async function runForTests({ image, env, command }, name, ports) {
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  const { GenericContainer } = await import('testcontainers');
  await new GenericContainer(image)
    .withName(name)
    .withHostname(HOSTNAME)
    .withEnvironment(env)
    .withCommand([...command])
    .withExposedPorts(...ports)
    .start();
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
