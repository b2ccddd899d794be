// @ts-check
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

const NODE_AT_LEAST = [20, 19];

/** @param {string} [version] */
export function whyNotNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = NODE_AT_LEAST;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined;
  return `Encore needs Node ${NODE_AT_LEAST.join('.')} or newer; this is ${version}.`;
}

/**
 * Compiles what has changed since the last time; rejects with the compiler's words.
 * @returns {Promise<void>}
 */
export function build() {
  return new Promise((resolve, reject) => {
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const child = spawn(process.execPath, [compiler, '-b'], { cwd: ROOT, stdio: 'pipe' });
    let said = '';
    child.stdout.on('data', (data) => (said += data));
    child.stderr.on('data', (data) => (said += data));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`The sources do not compile:\n${said.trim()}`)),
    );
  });
}
