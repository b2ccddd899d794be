// @ts-check
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './paths.mjs';

/** The services that own a database. */
export const SERVICES = ['queue', 'concert', 'reservation', 'wallet', 'payment'];

/**
 * What the built package of a lib exports. Imported late: a bare checkout has nothing built yet.
 * @param {string} lib
 */
export function builtLib(lib) {
  return import(pathToFileURL(join(ROOT, 'libs', lib, 'dist', 'index.js')).href);
}

/**
 * Creates or completes every service's database, each with an owner that changes its schema and a
 * role that may only read and write rows.
 * @param {object} options
 * @param {string} options.adminUrl
 * @param {string} options.prefix before every database and role
 * @param {(role: string) => string} options.passwordOf
 * @returns {Promise<Record<string, string>>} the service role's URL, by service
 */
export async function prepareDatabases({ adminUrl, prefix, passwordOf }) {
  const { provision, migrate } = await builtLib('database');
  const prepared = await Promise.all(
    SERVICES.map(async (service) => {
      const database = `${prefix}${service}`;
      const ownerRole = `${database}_owner`;
      const ownerPassword = passwordOf(ownerRole);
      const servicePassword = passwordOf(database);
      await provision({
        ...{ adminUrl, database, ownerRole, ownerPassword },
        ...{ serviceRole: database, servicePassword },
      });
      const ownerUrl = urlAs(adminUrl, database, ownerRole, ownerPassword);
      await migrate({ url: ownerUrl, directories: migrationDirectories(service) });
      return [service, urlAs(adminUrl, database, database, servicePassword)];
    }),
  );
  return Object.fromEntries(prepared);
}

/**
 * Drops every service's database and roles of one prefix: the end of a test on a server that stays.
 * @param {{ adminUrl: string, prefix: string }} options
 */
export async function dropDatabases({ adminUrl, prefix }) {
  const { default: pg } = await import('pg');
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    for (const service of SERVICES) {
      const database = `${prefix}${service}`;
      await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(database)} WITH (FORCE)`);
      await admin.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(database)}`);
      await admin.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(`${database}_owner`)}`);
    }
  } finally {
    await admin.end();
  }
}

/**
 * The tables of a service: the transport's, the sagas' where it runs any, its own. The same list as
 * its `migrate.ts`; were they to differ, the service would say that its schema is not current.
 * @param {string} service
 */
function migrationDirectories(service) {
  const { dependencies = {} } = JSON.parse(
    readFileSync(join(ROOT, 'services', service, 'package.json'), 'utf8'),
  );
  const libs = ['messaging', 'saga'].filter((lib) => `@encore/${lib}` in dependencies);
  return [...libs.map((lib) => join(ROOT, 'libs', lib)), join(ROOT, 'services', service)]
    .map((home) => join(home, 'migrations'))
    .filter((directory) => existsSync(directory));
}

/**
 * One secret to keep instead of ten: each role's password is derived from it.
 * @param {string} secret
 * @returns {(role: string) => string}
 */
export function passwordsFrom(secret) {
  return (role) => createHmac('sha256', secret).update(role).digest('hex');
}

/**
 * @param {string} adminUrl
 * @param {string} database
 * @param {string} role
 * @param {string} password
 */
function urlAs(adminUrl, database, role, password) {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  url.username = role;
  url.password = password;
  return url.href;
}
