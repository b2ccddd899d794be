// @ts-check
// Creates every service's database and roles and brings the schemas up to date, with passwords from
// the environment: what has to happen before the services start where each runs in its container.
// Repeating it changes nothing.
//
//   ADMIN_DATABASE_URL           a superuser's connection
//   MIGRATION_PASSWORD           of the roles that own the databases, encore_<service>_owner
//   <SERVICE>_DATABASE_PASSWORD  of the role each service connects as, encore_<service>
import { setTimeout as delay } from 'node:timers/promises';
import { builtLib, prepareDatabases, SERVICES } from './databases.mjs';

const PREFIX = 'encore_';
/** How long the server may take to come up. */
const SERVER_LIMIT_MS = 120_000;
const TRY_EVERY_MS = 1_000;

/** @param {string} service */
const variableOf = (service) => `${service.toUpperCase()}_DATABASE_PASSWORD`;

/** @param {string[]} names */
function demand(names) {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length === 0) return;
  console.error(`Missing in the environment: ${missing.join(', ')}`);
  process.exit(78);
}

/** @param {string} role */
function passwordOf(role) {
  const service = SERVICES.find((one) => role === `${PREFIX}${one}`);
  return process.env[service === undefined ? 'MIGRATION_PASSWORD' : variableOf(service)] ?? '';
}

demand(['ADMIN_DATABASE_URL', 'MIGRATION_PASSWORD', ...SERVICES.map(variableOf)]);
const { isUnavailable } = await builtLib('database');
const giveUpAt = Date.now() + SERVER_LIMIT_MS;
for (let done = false; !done;) {
  try {
    const adminUrl = process.env.ADMIN_DATABASE_URL ?? '';
    await prepareDatabases({ adminUrl, prefix: PREFIX, passwordOf });
    done = true;
  } catch (error) {
    if (!isUnavailable(error) || Date.now() > giveUpAt) throw error;
    console.log('Waiting for PostgreSQL …');
    await delay(TRY_EVERY_MS);
  }
}
console.log(`The databases of ${SERVICES.join(', ')} are current.`);
