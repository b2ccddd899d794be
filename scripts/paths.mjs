// @ts-check
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Everything a run leaves behind on this machine: data, logs, secrets. Never committed. */
export const PRIVATE = join(ROOT, '.encore');

/**
 * A directory that only its owner can list; made when it isn't there. Others may pass through,
 * because PostgreSQL's data inside can belong to another account; what is secret is closed by its
 * own mode.
 * @param {...string} parts
 */
export function privateDirectory(...parts) {
  const path = join(...parts);
  mkdirSync(path, { recursive: true, mode: 0o711 });
  return path;
}
