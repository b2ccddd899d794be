// @ts-check
// RabbitMQ from the distribution, where we may install: on Debian and Ubuntu, as root.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { run } from '../processes.mjs';
import { inPath } from './candidates.mjs';

const UPDATE_LIMIT_MS = 180_000;
const INSTALL_LIMIT_MS = 600_000;
const POLICY = '/usr/sbin/policy-rc.d';
/** What dpkg asks before it starts a service: 101 says "forbidden". */
const FORBID_STARTING = '#!/bin/sh\nexit 101\n';

/**
 * Why apt cannot be used here; undefined when it can.
 * @param {{ isRoot?: boolean, release?: string, path?: string }} [given]
 * @returns {string | undefined}
 */
export function whyNotApt({ isRoot = process.getuid?.() === 0, release, path } = {}) {
  const osRelease =
    release ?? (existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '');
  if (!/^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease)) return 'this is not Debian or Ubuntu';
  if (!isRoot) return 'installing with apt-get needs root';
  if (inPath('apt-get', path ?? process.env['PATH'] ?? '') === undefined)
    return 'there is no apt-get';
  return undefined;
}

/**
 * @param {readonly string[]} what
 * @param {NodeJS.ProcessEnv} env
 */
function install(what, env) {
  const args = ['install', '-y', '-q', '--no-install-recommends', ...what];
  run('apt-get', args, { env, timeoutMs: INSTALL_LIMIT_MS });
}

/** Those of Erlang that dpkg believes to be there. */
function erlangPackages() {
  const format = '${db:Status-Abbrev}${Package}\n';
  const known = spawnSync('dpkg-query', ['-W', '-f', format, 'erlang-*'], { encoding: 'utf8' });
  return known.stdout
    .split('\n')
    .flatMap((line) => (line.startsWith('ii ') ? [line.slice(3)] : []));
}

/**
 * Installs RabbitMQ without letting it start: we run our own instance on our own ports, and the
 * standard ones stay free for whoever wants them. Packages that dpkg knows and whose files are gone
 * are unpacked once more.
 * @param {(text: string) => void} report
 * @param {() => boolean} isThere whether RabbitMQ can be run now
 */
export function installRabbitWithApt(report, isThere) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const forbade = !existsSync(POLICY);
  if (forbade) writeFileSync(POLICY, FORBID_STARTING, { mode: 0o755 });
  try {
    report('apt-get update');
    run('apt-get', ['update', '-q'], { env, timeoutMs: UPDATE_LIMIT_MS });
    report('apt-get install rabbitmq-server');
    install(['rabbitmq-server'], env);
    if (!isThere()) {
      report('apt-get install --reinstall rabbitmq-server');
      install(['--reinstall', 'rabbitmq-server', ...erlangPackages()], env);
    }
  } finally {
    if (forbade) rmSync(POLICY, { force: true });
  }
  // Nor at the next boot. Where there is no systemd there is nothing to switch off.
  if (existsSync('/run/systemd/system')) spawnSync('systemctl', ['disable', 'rabbitmq-server']);
}
