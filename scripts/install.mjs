// The first step of everything: the packages of package-lock.json are in node_modules.
import { spawn } from 'node:child_process';
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
    .filter(([path, one]) => path.includes('node_modules/') && !one.optional)
    .every(([path, one]) => present[path]?.version === one.version && existsSync(join(root, path)));
}

/**
 * Installs when something is missing or of another version; otherwise takes a few milliseconds.
 * What npm says is kept back unless it fails.
 * @returns {Promise<void>}
 */
export function installPackages() {
  if (isInstalled()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`npm ci ended with ${code}:\n${said.trim()}`)),
    );
  });
}
