// Creates every service's database and roles and brings the schemas up to date: what has to happen
// once before the services start, here and in a container alike. Repeating it changes nothing.
//
//   ADMIN_DATABASE_URL           a superuser's connection
//   MIGRATION_PASSWORD           of the roles that own the databases, <service>_owner
//   <SERVICE>_DATABASE_PASSWORD  of the role the service connects as, <service>_service
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** How long the server may take to come up. */
const SERVER_LIMIT_MS = 120_000;
const TRY_EVERY_MS = 1_000;

/** The services that own a database. */
export const SERVICES_WITH_DATABASE = ['queue', 'concert', 'reservation', 'wallet', 'payment'];

/**
 * @typedef {object} Access
 * @property {string} adminUrl
 * @property {string} migrationPassword
 * @property {Record<string, string>} passwords by service
 */

/**
 * The connection of one role to one service's database on the administrator's server.
 * @param {string} adminUrl
 * @param {string} service
 * @param {'owner' | 'service'} role
 * @param {string} password
 */
export function databaseUrl(adminUrl, service, role, password) {
  const url = new URL(adminUrl);
  url.username = `${service}_${role}`;
  url.password = password;
  url.pathname = `/encore_${service}`;
  return url.href;
}

/**
 * @param {string} service
 * @param {string} url
 * @returns {Promise<void>}
 */
function migrate(service, url) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'services', service, 'dist/migrate.js')], {
      stdio: 'inherit',
      env: { ...process.env, MIGRATION_DATABASE_URL: url },
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`the migrations of ${service} ended with ${code ?? signal}`));
    });
  });
}

/**
 * Needs the compiled libraries and services.
 * @param {Access} access
 */
export async function prepareDatabases({ adminUrl, migrationPassword, passwords }) {
  const built = pathToFileURL(join(root, 'libs/database/dist/index.js')).href;
  const { isUnavailable, provision } = await import(built);
  const giveUpAt = Date.now() + SERVER_LIMIT_MS;
  for (const service of SERVICES_WITH_DATABASE) {
    const options = {
      adminUrl,
      database: `encore_${service}`,
      ownerRole: `${service}_owner`,
      ownerPassword: migrationPassword,
      serviceRole: `${service}_service`,
      servicePassword: passwords[service],
    };
    for (let done = false; !done;) {
      try {
        await provision(options);
        done = true;
      } catch (error) {
        if (!isUnavailable(error) || Date.now() > giveUpAt) throw error;
        console.log('Waiting for PostgreSQL …');
        await delay(TRY_EVERY_MS);
      }
    }
  }
  await Promise.all(
    SERVICES_WITH_DATABASE.map((service) =>
      migrate(service, databaseUrl(adminUrl, service, 'owner', migrationPassword)),
    ),
  );
}

/** @param {NodeJS.ProcessEnv} environment @returns {Access} */
function accessFrom(environment) {
  const variables = SERVICES_WITH_DATABASE.map(
    (service) => /** @type {const} */ ([service, `${service.toUpperCase()}_DATABASE_PASSWORD`]),
  );
  const missing = [
    'ADMIN_DATABASE_URL',
    'MIGRATION_PASSWORD',
    ...variables.map(([, one]) => one),
  ].filter((name) => !environment[name]);
  if (missing.length > 0) {
    console.error(`Missing in the environment: ${missing.join(', ')}`);
    process.exit(78);
  }
  return {
    adminUrl: environment.ADMIN_DATABASE_URL ?? '',
    migrationPassword: environment.MIGRATION_PASSWORD ?? '',
    passwords: Object.fromEntries(
      variables.map(([service, name]) => [service, environment[name] ?? '']),
    ),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await prepareDatabases(accessFrom(process.env));
}
