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
 * Installs RabbitMQ without letting it start: we run our own instance on our own ports, and the
 * standard ones stay free for whoever wants them.
 * @param {(text: string) => void} report
 */
export function installRabbitWithApt(report) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const forbade = !existsSync(POLICY);
  if (forbade) writeFileSync(POLICY, FORBID_STARTING, { mode: 0o755 });
  try {
    report('apt-get update');
    run('apt-get', ['update', '-q'], { env, timeoutMs: UPDATE_LIMIT_MS });
    report('apt-get install rabbitmq-server');
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'rabbitmq-server'], {
      env,
      timeoutMs: INSTALL_LIMIT_MS,
    });
  } finally {
    if (forbade) rmSync(POLICY, { force: true });
  }
  // Nor at the next boot. Where there is no systemd there is nothing to switch off.
  if (existsSync('/run/systemd/system')) spawnSync('systemctl', ['disable', 'rabbitmq-server']);
}
