import { fileURLToPath } from 'node:url';
import { Database } from '@encore/database';
import { serverUrl } from './servers.js';
import { asSuperuser, cloneTemplate, SERVICE, urlOf } from './template.js';

export interface TestDatabase {
  /** Connected as the service's role, with the rights it has in production. */
  readonly database: Database;
  readonly url: string;
  /** The same database as the superuser: for looking and for breaking things. */
  readonly adminUrl: string;
  /** Closes `database` and removes the database, whoever still is connected. */
  drop(): Promise<void>;
}

const POOL_MAX = 8;
const STATEMENT_TIMEOUT_MS = 15_000;
const LOCK_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 60_000;

/** A database of its own for a test file, cloned from a template of the migrated schema. */
export async function testDatabase(options: {
  /** Lower case letters, digits and underscores: becomes part of the database's name. */
  service: string;
  /** Directories of migrations, in the order they are run. */
  migrations: readonly (string | URL)[];
}): Promise<TestDatabase> {
  const serverAdminUrl = serverUrl('POSTGRES_URL');
  const directories = options.migrations.map(directoryOf);
  const name = await cloneTemplate(
    serverAdminUrl,
    options.service.replaceAll('-', '_'),
    directories,
  );
  const url = urlOf(serverAdminUrl, name, SERVICE);
  const database = Database.open({
    url,
    applicationName: `test-${options.service}`,
    poolMax: POOL_MAX,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
  return {
    database,
    url,
    adminUrl: urlOf(serverAdminUrl, name),
    async drop() {
      await database.close();
      await asSuperuser(serverAdminUrl, async (admin) => {
        await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      });
    },
  };
}

function directoryOf(migrations: string | URL): string {
  return migrations instanceof URL ? fileURLToPath(migrations) : migrations;
}
