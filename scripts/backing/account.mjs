// @ts-check
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * As whom a server runs: ourselves, or for PostgreSQL, which refuses root, somebody else.
 * @typedef {{ uid?: number, gid?: number }} Account
 */

/** Remembers, inside the private directory, what had to be put outside of it. */
const OUTSIDE_RECORD = 'outside.json';

/**
 * @param {{ isRoot?: boolean, passwd?: string }} [given]
 * @returns {Account}
 */
export function accountForPostgres({ isRoot = process.getuid?.() === 0, passwd } = {}) {
  if (!isRoot) return {};
  const lines = (passwd ?? readFileSync('/etc/passwd', 'utf8')).split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return { uid: 65_534, gid: 65_534 };
}

/**
 * Whether an account can enter a directory: below a home that is closed to others it cannot.
 * @param {Account} account
 * @param {string} directory
 * @returns {boolean}
 */
export function canEnter(account, directory) {
  if (account.uid === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { ...account }).status === 0;
}

/**
 * A directory the account owns and can reach: inside the private one when possible, else outside
 * and recorded, so that it is found again and `npm run reset` can empty it.
 * @param {Account} account
 * @param {string} base the private directory
 * @param {string} name
 * @returns {string}
 */
export function directoryFor(account, base, name) {
  if (account.uid === undefined) return made(join(base, name), account);
  const recorded = outsideOf(base);
  if (recorded === undefined) {
    // The account has to pass through; what is inside stays closed by each directory's own mode.
    mkdirSync(base, { recursive: true, mode: 0o711 });
    const inside = made(join(base, name), account);
    if (canEnter(account, inside)) return inside;
  }
  const outside = recorded ?? outsideFor(base);
  mkdirSync(outside, { recursive: true, mode: 0o711 });
  writeFileSync(join(base, OUTSIDE_RECORD), `${JSON.stringify({ directory: outside })}\n`);
  return made(join(outside, name), account);
}

/**
 * Where data had to be put outside of the private directory; undefined when there is none.
 * @param {string} base
 * @returns {string | undefined}
 */
function outsideOf(base) {
  const record = join(base, OUTSIDE_RECORD);
  if (!existsSync(record)) return undefined;
  return JSON.parse(readFileSync(record, 'utf8')).directory;
}

/**
 * Removes what had to be put outside of a private directory.
 * @param {string} base
 */
export function removeOutside(base) {
  const outside = outsideOf(base);
  if (outside === undefined) return;
  rmSync(outside, { recursive: true, force: true });
  rmSync(join(base, OUTSIDE_RECORD), { force: true });
}

/** @param {string} base */
function outsideFor(base) {
  const mark = createHash('sha256').update(base).digest('hex').slice(0, 10);
  const parent = existsSync('/var/lib') ? '/var/lib' : tmpdir();
  return join(parent, `encore-${mark}`);
}

/**
 * @param {string} directory
 * @param {Account} account
 */
function made(directory, { uid, gid }) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid);
  return directory;
}
