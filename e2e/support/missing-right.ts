import pg from 'pg';
import type { System } from '../../scripts/system.mjs';

/**
 * Runs `work` while a service lacks a right in its own database, such as `insert on payments`. That
 * is a fault nobody foresaw, of the real service on the real server.
 */
export async function withoutRight<Result>(
  system: System,
  { service, right }: { service: string; right: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const { pathname, username } = new URL(String(system.services[service]?.database));
  const administrator = new URL(String(process.env['POSTGRES_URL']));
  administrator.pathname = pathname;
  const client = new pg.Client({ connectionString: administrator.href });
  await client.connect();
  const role = client.escapeIdentifier(decodeURIComponent(username));
  try {
    await client.query(`revoke ${right} from ${role}`);
    return await work();
  } finally {
    await client.query(`grant ${right} to ${role}`);
    await client.end();
  }
}
