// What a change has to pass, the same by hand and in CI: `npm run check`, or one step of it with
// `npm run check -- <step>`. Every step runs, also after one failed; the end lists what failed.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installBenchPackages } from '../bench/harness/packages.mjs';
import { installPackages } from './install.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @typedef {{ name: string, promise: string, commands: string[][] }} Step */

const TYPESCRIPT = 'node_modules/typescript/bin/tsc';

/** @type {Step[]} */
const STEPS = [
  {
    name: 'format',
    promise: 'every file is formatted',
    commands: [['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']],
  },
  {
    name: 'lint',
    promise: 'the linter has nothing to say',
    commands: [['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.']],
  },
  {
    name: 'boundaries',
    promise: 'nobody imports what they must not know',
    commands: [
      [
        'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
        ...['--config', '.dependency-cruiser.mjs'],
        ...['libs', 'packages', 'services', 'e2e', 'bench', 'scripts'],
      ],
    ],
  },
  {
    name: 'unused',
    promise: 'no file, export or package is left over',
    commands: [['node_modules/knip/bin/knip.js']],
  },
  {
    name: 'types',
    promise: 'sources, tests and scripts type-check',
    commands: [
      [TYPESCRIPT, '-b'],
      [TYPESCRIPT, '-p', 'tsconfig.check.json'],
      [TYPESCRIPT, '-p', 'scripts/tsconfig.json'],
    ],
  },
  {
    name: 'tests',
    promise: 'the pure tests pass',
    commands: [
      [
        ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
        ...['node_modules/jest/bin/jest.js', '--selectProjects', 'unit'],
      ],
    ],
  },
  {
    name: 'docs',
    promise: 'the generated documents are current',
    commands: [
      [TYPESCRIPT, '-b', 'libs/contracts', 'services/api-gateway'],
      ['scripts/messages-doc.mjs', '--check'],
      ['scripts/client-types.mjs', '--check'],
    ],
  },
];

/**
 * @param {string[]} command
 * @returns {Promise<boolean>}
 */
function run(command) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** @param {Step} step */
async function passes(step) {
  const startedAt = performance.now();
  let passed = true;
  for (const command of step.commands) passed = passed && (await run(command));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${step.name.padEnd(11)} ${seconds} s`);
  return passed;
}

/** @param {string[]} names */
function chosen(names) {
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`There is no step ${unknown.join(', ')}. The steps are:`);
    for (const { name, promise } of STEPS) console.error(`  ${name.padEnd(11)} ${promise}`);
    process.exit(64);
  }
  return names.length === 0 ? STEPS : STEPS.filter((step) => names.includes(step.name));
}

const steps = chosen(process.argv.slice(2));
await installPackages();
// The programs in there are formatted, linted and type-checked like all others.
installBenchPackages();
const failed = [];
for (const step of steps) if (!(await passes(step))) failed.push(step);

if (failed.length > 0) {
  console.error('\nNot fulfilled:');
  for (const { name, promise } of failed) console.error(`  ${name.padEnd(11)} ${promise}`);
  process.exitCode = 1;
}
