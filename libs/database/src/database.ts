import knex, { type Knex } from 'knex';
import pg from 'pg';
import { DatabaseUnavailableError, isConflict, isUnavailable } from './errors.js';
import type { Buildable, Queryable, Statement, Transaction } from './queryable.js';
import { Session } from './session.js';

export interface DatabaseConfig {
  url: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Most connections of this process. */
  poolMax: number;
  statementTimeoutMs: number;
  lockTimeoutMs: number;
  /** Longest wait for a connection, new or from the pool. */
  connectTimeoutMs: number;
  /** Told about connections lost while nobody used them; they are replaced by themselves. */
  onConnectionLost?: (error: Error) => void;
}

/** Tries after the first one when the server undid a transaction because of a neighbour. */
const CONFLICT_RETRIES_MAX = 5;
const CONFLICT_BACKOFF_FIRST_MS = 10;
/** Silence after which the peer is probed: finds those that vanished without a word. */
const KEEP_ALIVE_DELAY_MS = 10_000;
/**
 * The server's statement timeout comes first; only when its answer does not come either is the
 * connection given up for dead.
 */
const ANSWER_MARGIN_MS = 2_000;
/**
 * Plans that do not depend on statistics. A service reads and writes a handful of rows by their
 * keys, while the planner, asked when a table was empty, keeps a plan that reads all of it. So a
 * statement finds its rows through an index whatever the table held when it was planned, and takes
 * as long with five million rows as with none; see docs/decisions/0012.
 */
const PLANS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  // What is switched off counts as dear, and what is dear would be compiled each time.
  jit: 'off',
};
const PLAN_OPTIONS = Object.entries(PLANS)
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ');

/**
 * One service's database. Connects when first used and again whenever a connection was lost: what
 * was running then fails with an error for which `isUnavailable` is true. Every wait has a limit.
 */
export class Database implements Queryable {
  /** Builds SQL and never runs it: hand the builder to `run`. */
  readonly sql: Knex;
  readonly #pool: pg.Pool;

  private constructor(config: DatabaseConfig) {
    this.sql = knex({ client: 'pg' });
    this.#pool = new pg.Pool({
      connectionString: config.url,
      application_name: config.applicationName,
      max: config.poolMax,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
      connectionTimeoutMillis: config.connectTimeoutMs,
      statement_timeout: config.statementTimeoutMs,
      lock_timeout: config.lockTimeoutMs,
      idle_in_transaction_session_timeout: config.statementTimeoutMs,
      query_timeout: config.statementTimeoutMs + ANSWER_MARGIN_MS,
      options: PLAN_OPTIONS,
      // What a connection has prepared is worth more than the memory of an idle one.
      idleTimeoutMillis: 0,
    });
    // Without a listener the loss of an idle connection would end the process.
    this.#pool.on('error', (error) => config.onConnectionLost?.(error));
  }

  static open(config: DatabaseConfig): Database {
    return new Database(config);
  }

  async query<Row extends object>(
    statement: Statement,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.#withClient(async (client) => new Session(client).rows<Row>(statement, values));
  }

  async run<Row extends object>(builder: Buildable): Promise<Row[]> {
    return this.#withClient(async (client) => new Session(client).rowsOf<Row>(builder));
  }

  /**
   * READ COMMITTED. `work` may run several times, because a deadlock or a serialization failure is
   * tried again a bounded number of times: its effects belong into the transaction or into
   * `afterCommit`.
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T> | T): Promise<T> {
    for (let retries = 0; ; retries += 1) {
      try {
        return await this.#attempt(work);
      } catch (error) {
        if (!isConflict(error) || retries === CONFLICT_RETRIES_MAX) throw error;
        await jitteredPause(CONFLICT_BACKOFF_FIRST_MS * 2 ** retries);
      }
    }
  }

  /** Resolves when the database answers. */
  async ping(): Promise<void> {
    await this.run(this.sql.raw('select 1'));
  }

  /** Waits for what is running, then closes every connection. */
  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #attempt<T>(work: (tx: Transaction) => Promise<T> | T): Promise<T> {
    const afterCommit: (() => void)[] = [];
    const result = await this.#withClient(async (client) => {
      const session = new Session(client);
      session.begin();
      try {
        const value = await work(transactionOn(session, afterCommit));
        await session.commit();
        return value;
      } catch (error) {
        const reason = session.failure ?? error;
        await rollBack(session, reason);
        throw reason;
      }
    });
    for (const todo of afterCommit) todo();
    return result;
  }

  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let lost: Error | undefined;
    // A connection may die between two statements, and pg then throws unless somebody listens.
    const onLost = (error: Error) => (lost = error);
    client.on('error', onLost);
    try {
      return await work(client);
    } catch (error) {
      if (error instanceof RollbackFailedError) {
        lost = error;
        throw error.reason;
      }
      if (error instanceof Error && isUnavailable(error)) lost = error;
      throw error;
    } finally {
      client.removeListener('error', onLost);
      // A truthy argument destroys the connection instead of handing it to the next user.
      client.release(lost);
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw new DatabaseUnavailableError(error);
    }
  }
}

/** The connection still is in a transaction nobody wants: it must not be used again. */
class RollbackFailedError extends Error {
  constructor(
    /** Why the transaction was to be rolled back: what the caller should hear. */
    readonly reason: unknown,
    cause: unknown,
  ) {
    super('A transaction could not be rolled back', { cause });
    this.name = 'RollbackFailedError';
  }
}

async function rollBack(session: Session, reason: unknown): Promise<void> {
  // On a dead connection the server has rolled back by itself; asking would only wait for nothing.
  if (isUnavailable(reason)) return;
  try {
    await session.rollBack();
  } catch (error) {
    throw new RollbackFailedError(reason, error);
  }
}

function transactionOn(session: Session, afterCommit: (() => void)[]): Transaction {
  return {
    query: (statement, values = []) => session.rows(statement, values),
    run: (builder) => session.rowsOf(builder),
    write: (statement, values = []) => session.write(statement, values),
    afterCommit: (work) => {
      afterCommit.push(work);
    },
  };
}

async function jitteredPause(maxMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * maxMs));
}
