// @ts-check
// `npm test`: installs and builds what is missing, brings up throw-away servers, runs the tests
// and says as its very last line how many passed and failed. Arguments choose: `npm test -- unit
// wallet` runs the pure tests whose path holds "wallet".
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeOutside } from './backing/account.mjs';
import { findPostgres, findRabbit } from './backing/find.mjs';
import { build, whyNotNode } from './build.mjs';
import { rowsOf, withTable } from './conformance.mjs';
import { installPackages } from './install.mjs';
import { PRIVATE, privateDirectory, ROOT } from './paths.mjs';
import { descendantsOf, end, recognisable } from './processes.mjs';
import { Progress } from './progress.mjs';
import { claim, endLeftovers, release, starterOf, writeDown } from './run-record.mjs';
import { chosenTests, lastLine, sumOf } from './test-results.mjs';

/** @typedef {import('./backing/server.mjs').BackingServer} BackingServer */

const TESTS = join(PRIVATE, 'test');
const LAST_GRACE_MS = 5_000;

const progress = new Progress();
/** One directory for each run: two runs at once do not meet. */
const directory = join(TESTS, String(process.pid));
/** @type {{ postgres?: BackingServer, broker?: BackingServer }} */
const running = {};
/** @type {Promise<void> | undefined} */
let cleaning;

async function main() {
  const oldNode = whyNotNode();
  if (oldNode !== undefined) throw new Error(oldNode);
  const chosen = chosenTests(process.argv.slice(2));
  await removeAbandoned();
  await claim(directory);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => void cleanUp().then(() => process.exit(1)));
  }
  await progress.phase('Packages', () => installPackages());
  const servers = chosen.needServers ? startServers() : Promise.resolve({});
  const [env] = await Promise.all([servers, progress.phase('Build', () => build())]);
  const results = [];
  for (const run of chosen.runs) {
    progress.say(`\nTests: ${run.projects.join(', ')}`);
    const result = await jest(run, env);
    results.push(result);
    if (process.env['CONFORMANCE_TABLE'] === 'write') writeConformance(result);
  }
  return sumOf(results);
}

/**
 * Only a run of the whole suite says something about every row.
 * @param {import('./conformance.mjs').JestRun} run
 */
function writeConformance(run) {
  const rows = rowsOf(run);
  if (rows.length === 0) return;
  const readme = join(ROOT, 'README.md');
  writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), rows));
  progress.say('Conformance table written to README.md; npm run format aligns it.');
}

/** @returns {Promise<NodeJS.ProcessEnv>} where the tests find them */
async function startServers() {
  const options = {
    directory,
    password: randomBytes(16).toString('hex'),
    throwAway: true,
    report: (/** @type {string} */ text) => progress.say(`  ${text}`),
    env: process.env,
  };
  const [postgres, broker] = await Promise.all([
    progress.phase('PostgreSQL', () => findPostgres(options)).then(keep('postgres')),
    progress.phase('RabbitMQ', () => findRabbit(options)).then(keep('broker')),
  ]);
  return { POSTGRES_URL: postgres.url, AMQP_URL: broker.url };
}

/**
 * @param {'postgres' | 'broker'} name
 * @returns {(server: BackingServer) => BackingServer}
 */
function keep(name) {
  return (server) => {
    running[name] = server;
    writeDown(directory, running);
    progress.say(`  ${server.source}`);
    return server;
  };
}

/**
 * @param {import('./test-results.mjs').Run} run
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import('./test-results.mjs').JestResult & import('./conformance.mjs').JestRun>}
 */
async function jest({ projects, patterns, flags }, env) {
  const outputFile = join(directory, `results-${projects.join('-')}.json`);
  const args = [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    ...[join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), '--selectProjects', ...projects],
    ...['--json', '--outputFile', outputFile, '--passWithNoTests', ...flags],
    ...(patterns.length === 0 ? [] : ['--testPathPatterns', ...patterns]),
  ];
  const status = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      // The results go to the file; what jest shows to people goes to stderr.
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...env, ENCORE_TEST_DIRECTORY: directory },
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  if (!existsSync(outputFile)) throw new Error(`jest ended with ${status} and without results`);
  return JSON.parse(readFileSync(outputFile, 'utf8'));
}

/** Ends and removes what runs that were killed left behind. */
async function removeAbandoned() {
  privateDirectory(PRIVATE);
  for (const name of readdirSync(privateDirectory(TESTS))) {
    const abandoned = join(TESTS, name);
    if (starterOf(abandoned) !== undefined) continue;
    await endLeftovers(abandoned);
    removeOutside(abandoned);
    rmSync(abandoned, { recursive: true, force: true });
  }
}

function cleanUp() {
  cleaning ??= (async () => {
    const { broker, postgres } = running;
    await Promise.all([broker?.discard(), postgres?.discard()]);
    await end(descendantsOf(process.pid).map(recognisable), { graceMs: LAST_GRACE_MS });
    release(directory);
    removeOutside(directory);
    rmSync(directory, { recursive: true, force: true });
  })();
  return cleaning;
}

let sum = { passed: 0, failed: 0 };
try {
  sum = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  // Whatever kept the tests from running is a failure, and is counted as one.
  sum = { passed: sum.passed, failed: sum.failed + 1 };
}
await cleanUp();
if (sum.passed + sum.failed === 0) console.error('No test ran.');
console.log(lastLine(sum));
process.exit(sum.failed === 0 && sum.passed > 0 ? 0 : 1);
