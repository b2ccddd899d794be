import pg from 'pg';

export interface ProvisionOptions {
  /** A superuser's connection to any database of the server, usually `postgres`. */
  adminUrl: string;
  database: string;
  /** Owns the database and everything in it; migrations run as this role. */
  ownerRole: string;
  ownerPassword: string;
  /** What the service connects as: reads and writes rows, changes no schema. */
  serviceRole: string;
  servicePassword: string;
}

const PROVISION_LOCK_KEY = 3_670_217_002;
const OTHER_PROVISIONER_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
/**
 * Plans do not depend on statistics (docs/decisions/0012), and autovacuum's collecting them, from
 * 300 rows of a table for each of these, took a fourteenth of PostgreSQL's time at the usual 100.
 */
const STATISTICS_TARGET = 10;
const { escapeIdentifier, escapeLiteral } = pg;

/**
 * Creates a service's database and its two roles, or brings existing ones into shape: repeating it
 * changes nothing but the passwords, to the given ones. Safe when raced through the same admin
 * database, because a lock makes the racers queue up.
 */
export async function provision(options: ProvisionOptions): Promise<void> {
  await withAdmin(options.adminUrl, async (admin) => {
    await admin.query('select pg_advisory_lock($1)', [PROVISION_LOCK_KEY]);
    await ensureRole(admin, options.ownerRole, options.ownerPassword);
    await ensureRole(admin, options.serviceRole, options.servicePassword);
    await ensureDatabase(admin, options);
    await withAdmin(urlOf(options.adminUrl, options.database), (inside) =>
      grantInside(inside, options),
    );
  });
}

async function ensureRole(admin: pg.Client, role: string, password: string): Promise<void> {
  const found = await admin.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = found.rowCount === 0 ? 'CREATE' : 'ALTER';
  await admin.query(
    `${verb} ROLE ${escapeIdentifier(role)}
       LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${escapeLiteral(password)}`,
  );
}

async function ensureDatabase(admin: pg.Client, options: ProvisionOptions): Promise<void> {
  const database = escapeIdentifier(options.database);
  const owner = escapeIdentifier(options.ownerRole);
  const found = await admin.query('select 1 from pg_database where datname = $1', [
    options.database,
  ]);
  if (found.rowCount === 0) {
    await admin.query(`CREATE DATABASE ${database} OWNER ${owner}`);
  } else {
    await admin.query(`ALTER DATABASE ${database} OWNER TO ${owner}`);
  }
  await admin.query(
    `ALTER DATABASE ${database} SET default_statistics_target = ${STATISTICS_TARGET}`,
  );
  await admin.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await admin.query(
    `GRANT CONNECT ON DATABASE ${database} TO ${escapeIdentifier(options.serviceRole)}`,
  );
}

async function grantInside(inside: pg.Client, options: ProvisionOptions): Promise<void> {
  const owner = escapeIdentifier(options.ownerRole);
  const service = escapeIdentifier(options.serviceRole);
  const tableRights = 'SELECT, INSERT, UPDATE, DELETE';
  // One simple query, hence one transaction.
  await inside.query(`
    ALTER SCHEMA public OWNER TO ${owner};
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO ${service};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public
      GRANT ${tableRights} ON TABLES TO ${service};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public
      GRANT USAGE, SELECT ON SEQUENCES TO ${service};
    GRANT ${tableRights} ON ALL TABLES IN SCHEMA public TO ${service};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${service};
  `);
}

function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

async function withAdmin(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'encore-provision',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: OTHER_PROVISIONER_TIMEOUT_MS,
  });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
