import pg from 'pg';
import { setting } from './program.js';

/** A pool, for what is one statement, or the client of a transaction. */
export type Database = Pick<pg.ClientBase, 'query'>;

export function connect(maxConnections: number): pg.Pool {
  return new pg.Pool({
    connectionString: setting('DATABASE_URL'),
    max: maxConnections,
    keepAlive: true,
  });
}

export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: Database) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
