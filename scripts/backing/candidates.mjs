// @ts-check
// Where installed servers may be. Looks, starts nothing; told where to look, so that a test can
// point it at directories of its own.
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** PostgreSQL's packages put each major version below one of these. */
export const POSTGRES_HOMES = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
];

/** Directories with RabbitMQ's own scripts, not with a packager's wrappers around them. */
export const RABBITMQ_HOMES = [
  '/usr/lib/rabbitmq/bin',
  '/opt/homebrew/opt/rabbitmq/sbin',
  '/usr/local/opt/rabbitmq/sbin',
  '/opt/rabbitmq/sbin',
];

/**
 * Directories that hold all the wanted programs, in the order of looking: patterns first (newest
 * version first), then PATH.
 * @param {{ patterns: readonly string[], path: string, programs: readonly string[] }} where
 * @returns {string[]}
 */
export function directoriesWith({ patterns, path, programs }) {
  const inPath = path.split(delimiter).filter((directory) => directory !== '');
  const candidates = [...patterns.flatMap(expand), ...inPath];
  return [...new Set(candidates)].filter((directory) =>
    programs.every((program) => isExecutable(join(directory, program))),
  );
}

/**
 * The directory of PATH that holds a program.
 * @param {string} program
 * @param {string} path
 * @returns {string | undefined}
 */
export function inPath(program, path) {
  return path
    .split(delimiter)
    .map((directory) => join(directory, program))
    .find(isExecutable);
}

/**
 * The major version in what `postgres --version` says: `postgres (PostgreSQL) 15.8 (Debian …)`.
 * @param {string} output
 * @returns {number | undefined}
 */
export function majorOf(output) {
  const match = /PostgreSQL\)?\s+(\d+)/.exec(output);
  return match ? Number(match[1]) : undefined;
}

/**
 * One `*` stands for part of one name; the highest version comes first.
 * @param {string} pattern
 * @returns {string[]}
 */
function expand(pattern) {
  const star = pattern.indexOf('*');
  if (star < 0) return [pattern];
  const parent = pattern.slice(0, pattern.lastIndexOf('/', star));
  const prefix = pattern.slice(parent.length + 1, star);
  const suffix = pattern.slice(star + 1);
  return namesIn(parent)
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => numberIn(b) - numberIn(a))
    .map((name) => join(parent, name) + suffix);
}

/** @param {string} name */
function numberIn(name) {
  return Number(/\d+(\.\d+)?/.exec(name)?.[0] ?? 0);
}

/**
 * @param {string} directory
 * @returns {string[]}
 */
function namesIn(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/**
 * @param {string} file
 * @returns {boolean}
 */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
