// The first step of everything: the packages of package-lock.json are in node_modules.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, link?: boolean, optional?: boolean }>}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
}

/** Compares what npm recorded with what is wanted; times of files change with every checkout. */
function isInstalled() {
  const record = 'node_modules/.package-lock.json';
  if (!existsSync(join(root, record))) return false;
  const present = packagesOf(record);
  return Object.entries(packagesOf('package-lock.json'))
    .filter(([path, one]) => path.startsWith('node_modules/') && !one.optional)
    .every(([path, one]) => present[path] !== undefined && present[path].version === one.version);
}

/** Installs when something is missing or of another version; otherwise takes a few milliseconds. */
export function installPackages() {
  if (isInstalled()) return;
  const command = existsSync(join(root, 'node_modules')) ? 'install' : 'ci';
  console.log(`Installing packages (npm ${command}) …`);
  const { status, error } = spawnSync('npm', [command, '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ${command} ended with ${status}`);
}
