// @ts-check
// Packages that only the bench needs: bench/package.json, which `npm start` does not install.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from '../../scripts/paths.mjs';
import { run } from '../../scripts/processes.mjs';

const BENCH = join(ROOT, 'bench');
const INSTALL_LIMIT_MS = 300_000;

/** Compares what npm recorded with what is wanted, and installs when they differ. */
export function installBenchPackages() {
  if (isInstalled()) return;
  run('npm', ['ci', '--prefix', BENCH, '--no-audit', '--no-fund'], {
    cwd: ROOT,
    timeoutMs: INSTALL_LIMIT_MS,
  });
}

function isInstalled() {
  const record = join(BENCH, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const present = packagesOf(record);
  return Object.entries(packagesOf(join(BENCH, 'package-lock.json')))
    .filter(([path, one]) => path !== '' && one.optional !== true)
    .every(([path, one]) => present[path]?.version === one.version);
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/**
 * A package of the bench. Not a plain import: the type check must pass where none is installed.
 * @param {string} name
 * @returns {any}
 */
export function benchPackage(name) {
  return createRequire(join(BENCH, 'package.json'))(name);
}
