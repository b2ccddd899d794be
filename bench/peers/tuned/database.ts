import pg from 'pg';
import { setting } from '../shared/program.js';

/** Five services share two cores: more connections would only wait for each other. */
const POOL_MAX_CONNECTIONS = 8;

const pool = new pg.Pool({
  connectionString: setting('DATABASE_URL'),
  max: POOL_MAX_CONNECTIONS,
  min: 2,
  keepAlive: true,
});

export interface Statement {
  name: string;
  text: string;
}

/**
 * Runs a statement that each connection prepares once. Every one is a transaction of its own, so
 * that a step is one round trip.
 */
export async function first<Row extends object>(
  statement: Statement,
  values: readonly unknown[],
): Promise<Row | undefined> {
  const { rows } = await pool.query<Row>({ ...statement, values: [...values] });
  return rows[0];
}
