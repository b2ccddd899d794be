import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate, provision } from '@encore/database';
import pg from 'pg';

export const OWNER = { name: 'encore_test_owner', password: 'test-owner' };
export const SERVICE = { name: 'encore_test_service', password: 'test-service' };

/** Makes test files queue up while a template is built and cloned. */
const TEMPLATE_LOCK_KEY = 3_670_217_003;
const TEMPLATE_LOCK_TIMEOUT_MS = 60_000;
/** A test database that nobody uses for this long was left behind by a killed run. */
const ABANDONED_AFTER_MS = 3_600_000;
const HASH_LENGTH = 12;

/** Runs `work` as the superuser, connected to the server's own database. */
export async function asSuperuser<T>(
  adminUrl: string,
  work: (admin: pg.Client) => Promise<T>,
): Promise<T> {
  const admin = new pg.Client({
    connectionString: adminUrl,
    application_name: 'encore-test-admin',
    lock_timeout: TEMPLATE_LOCK_TIMEOUT_MS,
  });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/**
 * Clones a fresh database from the template of these migrations, which is built when nobody has
 * needed it yet. The service role has the rights it has in production and not one more.
 */
export async function cloneTemplate(
  adminUrl: string,
  service: string,
  directories: string[],
): Promise<string> {
  return asSuperuser(adminUrl, async (admin) => {
    await admin.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK_KEY]);
    await dropAbandoned(admin);
    const template = await ensureTemplate(admin, adminUrl, service, directories);
    const moment = Date.now().toString(36);
    const name = `encore_test_${service}_${moment}_${randomBytes(4).toString('hex')}`;
    await admin.query(
      `CREATE DATABASE "${name}" TEMPLATE "${template}" OWNER "${OWNER.name}" STRATEGY wal_log`,
    );
    await admin.query(`REVOKE ALL ON DATABASE "${name}" FROM PUBLIC`);
    await admin.query(`GRANT CONNECT ON DATABASE "${name}" TO "${SERVICE.name}"`);
    return name;
  });
}

export function urlOf(
  adminUrl: string,
  database: string,
  role?: { name: string; password: string },
): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  if (role !== undefined) {
    url.username = role.name;
    url.password = role.password;
  }
  return url.href;
}

async function ensureTemplate(
  admin: pg.Client,
  adminUrl: string,
  service: string,
  directories: string[],
): Promise<string> {
  const template = `encore_template_${service}_${await hashOf(directories)}`;
  const found = await admin.query('select 1 from pg_database where datname = $1', [template]);
  if (found.rowCount === 0) {
    // Built under another name, so that a killed run never leaves half a template behind.
    const unfinished = `encore_building_${service}`;
    await admin.query(`DROP DATABASE IF EXISTS "${unfinished}" WITH (FORCE)`);
    await provision({
      adminUrl,
      database: unfinished,
      ownerRole: OWNER.name,
      ownerPassword: OWNER.password,
      serviceRole: SERVICE.name,
      servicePassword: SERVICE.password,
    });
    await migrate({ url: urlOf(adminUrl, unfinished, OWNER), directories });
    await admin.query(`ALTER DATABASE "${unfinished}" RENAME TO "${template}"`);
    await dropOutdated(admin, service, template);
  }
  return template;
}

/** Templates of this service's earlier migrations: nobody clones them any more. */
async function dropOutdated(admin: pg.Client, service: string, current: string): Promise<void> {
  const found = await admin.query<{ name: string }>(
    'select datname as name from pg_database where datname ~ $1 and datname <> $2',
    [`^encore_template_${service}_[0-9a-f]{${HASH_LENGTH}}$`, current],
  );
  for (const { name } of found.rows) await admin.query(`DROP DATABASE IF EXISTS "${name}"`);
}

async function hashOf(directories: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const directory of directories) {
    for (const name of (await readdir(directory)).sort()) {
      hash.update(`${name}\0${await readFile(join(directory, name), 'utf8')}\0`);
    }
  }
  return hash.digest('hex').slice(0, HASH_LENGTH);
}

async function dropAbandoned(admin: pg.Client): Promise<void> {
  const found = await admin.query<{ name: string }>(
    `select datname as name from pg_database
      where datname like 'encore\\_test\\_%'
        and not exists (select from pg_stat_activity where pg_stat_activity.datname = pg_database.datname)
      limit 50`,
  );
  for (const { name } of found.rows) {
    const moment = parseInt(name.split('_').at(-2) ?? '', 36);
    if (moment < Date.now() - ABANDONED_AFTER_MS) {
      await admin.query(`DROP DATABASE IF EXISTS "${name}"`);
    }
  }
}
