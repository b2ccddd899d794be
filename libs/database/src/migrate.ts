import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import knex, { type Knex } from 'knex';
import pg from 'pg';
import type { Database } from './database.js';
import { codeOf } from './errors.js';

interface MigrationFile {
  /** `<package>/<file>`, such as `wallet/0001_accounts.sql`: how the database remembers it. */
  readonly name: string;
  readonly path: string;
}

const MIGRATIONS_TABLE = 'knex_migrations';
/** "encore migrations" as a number nobody else is likely to lock. */
const MIGRATION_LOCK_KEY = 3_670_217_001;
/** How long a starter waits for another one that is migrating. */
const OTHER_STARTER_TIMEOUT_MS = 300_000;
/** Whoever waits to change a table makes everybody behind it wait: rather fail and come again. */
const TABLE_LOCK_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
const UNDEFINED_TABLE = '42P01';

/**
 * Runs the migrations that are still missing, all of them in one transaction, and returns their
 * names. Order: the directories as given, in each the files by name. Safe when several processes
 * start at once: one migrates, the others wait and find nothing left to do. Needs a direct
 * connection, because the lock belongs to a session.
 */
export async function migrate(options: { url: string; directories: string[] }): Promise<string[]> {
  const files = await migrationFiles(options.directories);
  const guard = new pg.Client({
    connectionString: options.url,
    application_name: 'encore-migrate',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    lock_timeout: OTHER_STARTER_TIMEOUT_MS,
  });
  await guard.connect();
  try {
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK_KEY]);
    return await runMissing(options.url, files);
  } finally {
    // Ending the session gives the lock back, whatever happened.
    await guard.end();
  }
}

/** The migrations the code brings along and the database has not seen: empty when it is ready. */
export async function pendingMigrations(
  database: Database,
  directories: string[],
): Promise<string[]> {
  const files = await migrationFiles(directories);
  const done = await completedMigrations(database);
  return files.map((file) => file.name).filter((name) => !done.has(name));
}

async function completedMigrations(database: Database): Promise<Set<string>> {
  try {
    const rows = await database.run<{ name: string }>(
      database.sql(MIGRATIONS_TABLE).select('name'),
    );
    return new Set(rows.map((row) => row.name));
  } catch (error) {
    if (error instanceof Error && codeOf(error) === UNDEFINED_TABLE) return new Set();
    throw error;
  }
}

async function runMissing(url: string, files: MigrationFile[]): Promise<string[]> {
  const connection = knex({
    client: 'pg',
    connection: url,
    // Failures are thrown; the standard output belongs to the log of whoever migrates.
    log: { debug: ignored, warn: ignored, error: ignored, deprecate: ignored },
    pool: { min: 0, max: 2 },
  });
  try {
    // knex keeps a lock of its own in a table, which a killed process leaves behind. The advisory
    // lock says that nobody else is migrating, so what is found there is stale.
    await connection.migrate.forceFreeMigrationsLock({ tableName: MIGRATIONS_TABLE });
    const [, names] = (await connection.migrate.latest({
      tableName: MIGRATIONS_TABLE,
      migrationSource: sourceOf(files),
      // The schema may be newer than this code: version N−1 starts beside version N.
      disableMigrationsListValidation: true,
    })) as [number, string[]];
    return names;
  } finally {
    await connection.destroy();
  }
}

function ignored(): void {
  return undefined;
}

function sourceOf(files: MigrationFile[]): Knex.MigrationSource<MigrationFile> {
  return {
    getMigrations: () => Promise.resolve(files),
    getMigrationName: (file) => file.name,
    getMigration: (file) =>
      Promise.resolve({
        async up(transaction: Knex) {
          const sql = await readFile(file.path, 'utf8');
          await transaction.raw(`set local lock_timeout = ${TABLE_LOCK_TIMEOUT_MS}`);
          // Unescaped, knex takes every question mark for a parameter.
          await transaction.raw(sql.replaceAll('?', '\\?'));
        },
        down: () => Promise.reject(new Error('Migrations only go forward')),
      }),
  };
}

async function migrationFiles(directories: string[]): Promise<MigrationFile[]> {
  const files = await Promise.all(directories.map(filesOf));
  return files.flat();
}

async function filesOf(directory: string): Promise<MigrationFile[]> {
  const path = resolve(directory);
  const owner = basename(dirname(path));
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name: `${owner}/${name}`, path: join(path, name) }));
}
