// @ts-check
// `npm start`: everything a bare checkout needs, from packages to demo data; ends with the URL.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findPostgres, findRabbit } from './backing/find.mjs';
import { isFree } from './backing/ports.mjs';
import { build, whyNotNode } from './build.mjs';
import { publishDemoData } from './demo-data.mjs';
import { installPackages } from './install.mjs';
import { lineForTerminal } from './log-lines.mjs';
import { PRIVATE } from './paths.mjs';
import { descendantsOf, end, recognisable } from './processes.mjs';
import { Progress } from './progress.mjs';
import { claim, readPublic, release, writeDown } from './run-record.mjs';
import { localSecrets } from './secrets.mjs';
import { startSystem } from './system.mjs';

const WATCH_EVERY_MS = 1_000;
const LAST_GRACE_MS = 5_000;

/** @typedef {import('./backing/server.mjs').BackingServer} BackingServer */
/** @typedef {import('./system.mjs').System} System */
/** @typedef {{ system?: System, postgres?: BackingServer, broker?: BackingServer }} Parts */

const progress = new Progress();
/** @type {Parts} */
const running = {};
let stopping = false;

function settings() {
  const { env } = process;
  const number = (/** @type {string} */ name, /** @type {number} */ fallback) => {
    const value = Number(env[name] || fallback);
    if (Number.isInteger(value) && value >= 1 && value <= 65_000) return value;
    throw new Error(`${name} must be a port, not "${env[name]}"`);
  };
  return {
    gatewayHost: env.GATEWAY_HOST || '127.0.0.1',
    gatewayPort: number('GATEWAY_PORT', 3_000),
    metricsPort: number('METRICS_BASE_PORT', 9_101),
    healthPort: number('HEALTH_BASE_PORT', 9_201),
    terminalLevel: env.TERMINAL_LOG_LEVEL || 'warn',
  };
}

async function main() {
  const oldNode = whyNotNode();
  if (oldNode !== undefined) throw new Error(oldNode);
  const chosen = settings();
  const other = await claim(PRIVATE);
  if (other !== undefined) {
    const url = readPublic(PRIVATE)?.gateway;
    const where = url === undefined ? 'is being started' : `is already running at ${url}`;
    console.error(`Encore ${where} (process ${other.pid}). "npm stop" ends it.`);
    process.exit(1);
  }
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => void shutDown(0));
  }
  // Whatever goes wrong, nothing is left running.
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error) => {
      progress.say(String(error instanceof Error ? error.stack : error));
      void shutDown(1);
    });
  }
  if (!(await isFree(chosen.gatewayPort))) {
    throw new Error(`Port ${chosen.gatewayPort} is in use: GATEWAY_PORT=… chooses another one.`);
  }
  await bringUp(chosen);
}

/** @param {ReturnType<typeof settings>} chosen */
async function bringUp(chosen) {
  const secrets = localSecrets(PRIVATE);
  const backing = {
    directory: PRIVATE,
    password: secrets.administrator,
    throwAway: false,
    report: (/** @type {string} */ text) => progress.say(`  ${text}`),
    env: process.env,
  };
  // RabbitMQ takes longest and needs no package; PostgreSQL itself may come out of one.
  const [broker, postgres] = await Promise.all([
    progress.phase('RabbitMQ', () => findRabbit(backing)).then(keep('broker')),
    progress
      .phase('Packages', () => installPackages())
      .then(async () => {
        const building = progress.phase('Build', () => build());
        const found = progress.phase('PostgreSQL', () => findPostgres(backing));
        const [server] = await Promise.all([found.then(keep('postgres')), building]);
        return server;
      }),
  ]);
  const system = await progress.phase('Databases and processes', () =>
    startSystem({
      ...chosen,
      postgres: postgres.url,
      broker: broker.url,
      secrets,
      logDirectory: join(PRIVATE, 'logs'),
      onLine: (name, line) => {
        const text = lineForTerminal(name, line, chosen.terminalLevel);
        if (text !== undefined) progress.say(text);
      },
      onChange: note,
    }),
  );
  running.system = system;
  note();
  void watchServers();
  await progress.phase('Six services ready', () => system.awaitAllReady());
  await progress.phase('Demo data', () => {
    const signingKeys = secrets.tokenSigningKeys;
    return publishDemoData({ broker: broker.url, signingKeys });
  });
  if (stopping) return;
  progress.say(`\nEncore is up after ${progress.seconds} s. Logs: .encore/logs. Ctrl-C ends it.`);
  progress.say(system.gateway);
}

/**
 * @param {'postgres' | 'broker'} name
 * @returns {(server: BackingServer) => BackingServer}
 */
function keep(name) {
  return (server) => {
    running[name] = server;
    note();
    progress.say(`  ${server.source}`);
    return server;
  };
}

function note() {
  if (!stopping) writeDown(PRIVATE, running);
}

/** Starts a server of ours again when it died; the services wait for it meanwhile. */
async function watchServers() {
  while (!stopping) {
    await delay(WATCH_EVERY_MS, undefined, { ref: false });
    for (const server of [running.postgres, running.broker]) {
      if (stopping || server === undefined || !server.ours || server.isRunning()) continue;
      progress.say(`${server.source} has died and is started again`);
      try {
        await server.start();
        note();
      } catch (error) {
        progress.say(error instanceof Error ? error.message : String(error));
      }
    }
  }
}

/**
 * Ends everything that was started, in the reverse order, also when starting is not finished yet.
 * @param {number} exitCode
 */
async function shutDown(exitCode) {
  if (stopping) return;
  stopping = true;
  const { system, postgres, broker } = running;
  const ends = [
    { title: 'Stopping the services', wanted: system, work: () => system?.stop() },
    {
      title: 'Stopping RabbitMQ and PostgreSQL',
      wanted: broker ?? postgres,
      work: () => Promise.all([broker?.stop(), postgres?.stop()]),
    },
  ];
  for (const { title, wanted, work } of ends) {
    if (wanted === undefined) continue;
    try {
      await progress.phase(title, async () => void (await work()));
    } catch (error) {
      progress.say(error instanceof Error ? error.message : String(error));
    }
  }
  // What was still being started.
  await end(descendantsOf(process.pid).map(recognisable), { graceMs: LAST_GRACE_MS });
  release(PRIVATE);
  process.exit(exitCode);
}

try {
  await main();
} catch (error) {
  // What fails because everything is being ended needs no words.
  if (!stopping) {
    progress.say(`\n${error instanceof Error ? error.message : String(error)}`);
    await shutDown(1);
  }
}
