// @ts-check
// `npm run bench` runs every scenario, `npm run bench -- payment` one: see README.md. It starts
// servers and systems of its own, and exits 1 when a promise was broken.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, whyNotNode } from '../scripts/build.mjs';
import { installPackages } from '../scripts/install.mjs';
import { privateDirectory } from '../scripts/paths.mjs';
import { descendantsOf, end, recognisable } from '../scripts/processes.mjs';
import { Progress } from '../scripts/progress.mjs';
import { installBenchPackages } from './harness/packages.mjs';
import { report } from './harness/report.mjs';
import { SCENARIOS } from './harness/scenario.mjs';
import { startServers } from './harness/servers.mjs';

const LAST_GRACE_MS = 12_000;
const progress = new Progress();

/** @typedef {import('./harness/scenario.mjs').Options} Options */
/** @typedef {import('./harness/scenario.mjs').Started} Started */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    warmup: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '1,16,64,256' },
    only: { type: 'string' },
    minutes: { type: 'string', default: '30' },
    sizes: { type: 'string', default: '1000,100000,5000000' },
    times: { type: 'string', default: '10' },
  },
});

/** @param {string} text */
const number = (text) => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`${text} is not a positive number`);
};

/** @returns {Options} */
function chosenOptions() {
  return {
    rounds: number(values.rounds),
    seconds: number(values.seconds),
    warmupSeconds: number(values.warmup),
    concurrency: values.concurrency.split(',').map(number),
    only: values.only?.split(','),
    minutes: number(values.minutes),
    sizes: values.sizes.split(',').map(number),
    times: number(values.times),
  };
}

/** Names of the chosen scenarios, in their order. */
function chosenScenarios() {
  const all = Object.keys(SCENARIOS);
  const unknown = positionals.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new Error(`There is no scenario ${unknown.join(', ')}; there are ${all.join(', ')}.`);
  }
  return positionals.length === 0 ? all : positionals;
}

async function main() {
  const [options, names] = [chosenOptions(), chosenScenarios()];
  const oldNode = whyNotNode();
  if (oldNode !== undefined) throw new Error(oldNode);
  await progress.phase('Packages', async () => {
    await installPackages();
    installBenchPackages();
  });
  await progress.phase('Build', () => build());
  const say = (/** @type {string} */ text) => progress.say(text);
  const servers = await progress.phase('PostgreSQL and RabbitMQ', () => startServers(say));
  stopping = servers.stop;
  let broken = 0;
  for (const name of names) {
    const scenario = await SCENARIOS[/** @type {keyof typeof SCENARIOS} */ (name)]?.();
    if (scenario === undefined || cleaning !== undefined) continue;
    const { postgresUrl, amqpUrl, processes, sources } = servers;
    const directory = privateDirectory(join(servers.directory, name));
    const places = { postgresUrl, amqpUrl, processes, directory };
    const bench = { options, ...places, say, ...lifeOf(servers) };
    try {
      const findings = await progress.phase(scenario.title, () => scenario.run(bench));
      report(name, scenario, findings, { options, sources });
      broken += findings.broken?.length ?? 0;
    } catch (error) {
      // The others are worth measuring all the same.
      complain(error);
      broken += 1;
    }
  }
  return broken === 0 ? 0 : 1;
}

/** @param {import('./harness/servers.mjs').Servers} servers */
function lifeOf(servers) {
  return {
    started: (/** @type {Started} */ one) => {
      running.add(one);
      if (one.system !== undefined) servers.writeDown(one.system);
    },
    stop: async (/** @type {Started} */ one) => {
      if (running.delete(one)) await one.stop();
    },
  };
}

/** @param {unknown} error */
function complain(error) {
  // Whatever fails once everything is being ended fails because of that.
  if (cleaning === undefined) console.error(error instanceof Error ? error.stack : String(error));
}

/** What scenarios have started and not stopped yet. @type {Set<Started>} */
const running = new Set();
/** @type {() => Promise<void>} */
let stopping = () => Promise.resolve();
/** @type {Promise<void> | undefined} */
let cleaning;

function cleanUp() {
  cleaning ??= (async () => {
    await Promise.allSettled([...running].map((one) => one.stop()));
    await stopping();
    await end(descendantsOf(process.pid).map(recognisable), { graceMs: LAST_GRACE_MS });
  })();
  return cleaning;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => void cleanUp().then(() => process.exit(1)));
}
// Sessions that were being opened lose their server: servers must be ended all the same.
process.on('uncaughtException', (error) => {
  complain(error);
  void cleanUp().then(() => process.exit(1));
});
let exitCode = 1;
try {
  exitCode = await main();
} catch (error) {
  complain(error);
}
await cleanUp();
process.exit(exitCode);
