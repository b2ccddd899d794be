import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, testDatabase, type TestDatabase } from '@encore/testing';
import pg from 'pg';
import { Database } from './database.js';
import { isTimeout, isUnavailable, violatedConstraint } from './errors.js';
import { statement } from './queryable.js';

const SCHEMA = `
  create table accounts (
    id bigint primary key,
    balance bigint not null constraint balance_is_not_negative check (balance >= 0)
  );
`;
const readBalance = statement('read-balance', 'select balance from accounts where id = $1');
const addBalance = statement(
  'add-balance',
  'update accounts set balance = balance + $2 where id = $1',
);
const openAccount = statement('open-account', 'insert into accounts values ($1, 0)', {
  conflictsOn: 'accounts_pkey',
});

let test: TestDatabase;
let database: Database;

async function balanceOf(id: number): Promise<number | undefined> {
  const [row] = await database.query<{ balance: number }>(readBalance, [id]);
  return row?.balance;
}

async function asAdmin(work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: test.adminUrl });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

/** Ends every session of the test's database but its own, and says how many. */
async function terminateAll(): Promise<number> {
  let count = 0;
  await asAdmin(async (admin) => {
    const { rows } = await admin.query<{ pid: number }>(
      `select pid, pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
    );
    count = rows.length;
    const pids = rows.map(({ pid }) => pid);
    // The server only tells them to end, and takes its time when the machine is loaded.
    await eventually(async () => {
      const alive = await admin.query('select from pg_stat_activity where pid = any($1)', [pids]);
      expect(alive.rowCount).toBe(0);
    });
  });
  return count;
}

/** Resolves when both sides have called it: makes two transactions meet in the middle. */
function meetingPoint(): () => Promise<void> {
  let waiting: (() => void) | undefined;
  return async () => {
    if (waiting !== undefined) {
      waiting();
      return;
    }
    await new Promise<void>((resolve) => (waiting = resolve));
  };
}

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'encore-database-'));
  await writeFile(join(directory, '0001_accounts.sql'), SCHEMA);
  test = await testDatabase({ service: 'database', migrations: [directory] });
  database = test.database;
});

beforeEach(async () => {
  await database.run(database.sql('accounts').delete());
  await database.run(
    database.sql('accounts').insert([
      { id: 1, balance: 100 },
      { id: 2, balance: 100 },
      { id: 3, balance: 100 },
    ]),
  );
});

afterAll(() => test.drop());

describe('a query', () => {
  it('reads the same through a prepared statement and through a builder', async () => {
    const built = await database.run(database.sql('accounts').select('balance').where({ id: 1 }));
    expect(built).toEqual(await database.query(readBalance, [1]));
    expect(built).toEqual([{ balance: 100 }]);
  });

  it('names the constraint it violates, and the connection stays in use', async () => {
    const error = await database.query(addBalance, [1, -101]).catch((thrown: unknown) => thrown);
    expect(violatedConstraint(error)).toBe('balance_is_not_negative');
    expect(await balanceOf(1)).toBe(100);
  });
});

describe('a transaction', () => {
  it('keeps everything or nothing', async () => {
    const fault = new Error('changed my mind');
    const attempt = database.transaction(async (tx) => {
      await tx.query(addBalance, [1, 5]);
      throw fault;
    });
    await expect(attempt).rejects.toBe(fault);
    expect(await balanceOf(1)).toBe(100);

    await database.transaction(async (tx) => {
      await tx.query(addBalance, [1, 5]);
    });
    expect(await balanceOf(1)).toBe(105);
    expect(await balanceOf(2)).toBe(100);
  });

  it('does what was left for after the commit, once the commit can be seen', async () => {
    let seen: Promise<number | undefined> | undefined;
    await database.transaction(async (tx) => {
      tx.afterCommit(() => {
        seen = balanceOf(1);
      });
      await tx.query(addBalance, [1, 1]);
      expect(seen).toBeUndefined();
    });
    expect(await seen).toBe(101);
  });

  it('forgets what was left for after the commit when it rolls back', async () => {
    let ran = false;
    const attempt = database.transaction(async (tx) => {
      tx.afterCommit(() => (ran = true));
      await tx.query(addBalance, [1, -500]);
    });
    await expect(attempt).rejects.toThrow('balance_is_not_negative');
    expect(ran).toBe(false);
  });

  it('is a fault, never a silent success, when its work swallowed a failed statement', async () => {
    let ran = false;
    const attempt = database.transaction(async (tx) => {
      tx.afterCommit(() => (ran = true));
      await tx.query(addBalance, [1, -500]).catch(() => []);
    });
    await expect(attempt).rejects.toThrow('had failed before its COMMIT');
    expect(ran).toBe(false);
  });

  it('fails with the error of a write that nobody waited for, and keeps nothing', async () => {
    let ran = false;
    const attempt = database.transaction(async (tx) => {
      tx.afterCommit(() => (ran = true));
      tx.write(addBalance, [1, 5]);
      tx.write(addBalance, [2, -500]);
      tx.write(addBalance, [3, 5]);
      await Promise.resolve();
    });
    const error = await attempt.catch((thrown: unknown) => thrown);
    expect(violatedConstraint(error)).toBe('balance_is_not_negative');
    expect(ran).toBe(false);
    expect([await balanceOf(1), await balanceOf(2), await balanceOf(3)]).toEqual([100, 100, 100]);
  });

  it('says what failed first, not what failed because of it', async () => {
    const attempt = database.transaction(async (tx) => {
      tx.write(addBalance, [1, -500]);
      await tx.query(readBalance, [1]);
    });
    const error = await attempt.catch((thrown: unknown) => thrown);
    expect(violatedConstraint(error)).toBe('balance_is_not_negative');
  });

  it('answers what was asked in one breath each by itself, in order', async () => {
    const read = await database.transaction((tx) => {
      tx.write(addBalance, [1, 5]);
      return Promise.all([tx.query(readBalance, [1]), tx.query(readBalance, [2])]);
    });
    expect(read).toEqual([[{ balance: 105 }], [{ balance: 100 }]]);
  });

  it('is tried again after a real deadlock, and both sides get through', async () => {
    const meet = meetingPoint();
    let attempts = 0;
    let afterCommits = 0;
    const transfer = (from: number, to: number) => {
      let met = false;
      return database.transaction(async (tx) => {
        attempts += 1;
        tx.afterCommit(() => (afterCommits += 1));
        await tx.query(addBalance, [from, -10]);
        if (!met) {
          met = true;
          await meet();
        }
        await tx.query(addBalance, [to, 10]);
      });
    };
    await Promise.all([transfer(1, 2), transfer(2, 1)]);
    // Whoever is undone first may meet the other again before that one has woken up.
    expect(attempts).toBeGreaterThanOrEqual(3);
    expect(afterCommits).toBe(2);
    expect([await balanceOf(1), await balanceOf(2), await balanceOf(3)]).toEqual([100, 100, 100]);
  });

  it.each(['40001', '40P01'])('gives up on %s after six attempts', async (code) => {
    let attempts = 0;
    const attempt = database.transaction(async (tx) => {
      attempts += 1;
      await tx.run(
        database.sql.raw(`do $$ begin raise exception 'again' using errcode = '${code}'; end $$`),
      );
    });
    await expect(attempt).rejects.toThrow('again');
    expect(attempts).toBe(6);
  });

  it.each(['query', 'write'] as const)(
    'is tried again when a %s breaks the constraint that tells who was first',
    async (ask) => {
      const ids = [1, 8];
      await database.transaction(async (tx) => {
        await tx[ask](openAccount, [ids.shift()]);
      });
      expect(ids).toEqual([]);
      expect(await balanceOf(8)).toBe(0);
    },
  );

  it('is not tried again for any other error', async () => {
    let attempts = 0;
    const attempt = database.transaction(async (tx) => {
      attempts += 1;
      await tx.query(addBalance, [1, -500]);
    });
    await expect(attempt).rejects.toThrow('balance_is_not_negative');
    expect(attempts).toBe(1);
  });
});

describe('an outage', () => {
  const ownPid = statement('own-pid', 'select pg_backend_pid() as pid');

  it('is told apart when the backend is terminated between two statements', async () => {
    const attempt = database.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>(ownPid);
      await tx.query(addBalance, [1, 1]);
      await asAdmin(async (admin) => {
        await admin.query('select pg_terminate_backend($1)', [row?.pid]);
      });
      await tx.query(addBalance, [1, 1]);
    });
    const error = await attempt.catch((thrown: unknown) => thrown);
    expect(isUnavailable(error)).toBe(true);
    expect(await balanceOf(1)).toBe(100);
  });

  it('of every connection at once costs no more than one statement for each', async () => {
    await Promise.all([database.ping(), database.ping(), database.ping()]);
    const lost = await terminateAll();
    expect(lost).toBeGreaterThanOrEqual(3);
    let failures = 0;
    let answer = await balanceOf(1).catch((thrown: unknown) => thrown);
    // Each failure takes a connection out of the pool whose loss it has not noticed yet.
    while (answer !== 100) {
      expect(isUnavailable(answer)).toBe(true);
      failures += 1;
      expect(failures).toBeLessThanOrEqual(lost);
      answer = await balanceOf(1).catch((thrown: unknown) => thrown);
    }
  });

  it('is a refused port, an unknown database and an exhausted pool alike', async () => {
    const config = {
      applicationName: 'test-outage',
      poolMax: 1,
      statementTimeoutMs: 10_000,
      lockTimeoutMs: 10_000,
      connectTimeoutMs: 200,
    };
    const refused = Database.open({ ...config, url: 'postgres://nobody@127.0.0.1:1/nowhere' });
    const unknown = Database.open({
      ...config,
      url: test.url.replace(/[^/]+$/, 'no_such_database'),
    });
    const narrow = Database.open({ ...config, url: test.url });
    try {
      for (const unreachable of [refused, unknown]) {
        const error = await unreachable.ping().catch((thrown: unknown) => thrown);
        expect(isUnavailable(error)).toBe(true);
      }
      // So that its one connection is there, however long that took to open.
      await eventually(() => narrow.ping());
      const exhausted = await narrow.transaction(() =>
        narrow.ping().catch((thrown: unknown) => thrown),
      );
      expect(isUnavailable(exhausted)).toBe(true);
    } finally {
      await Promise.all([refused.close(), unknown.close(), narrow.close()]);
    }
  });

  it('is not a statement that takes too long or waits too long for a lock', async () => {
    const hasty = Database.open({
      url: test.url,
      applicationName: 'test-hasty',
      poolMax: 1,
      statementTimeoutMs: 300,
      lockTimeoutMs: 50,
      connectTimeoutMs: 20_000,
    });
    try {
      const slow = await hasty
        .run(hasty.sql.raw('select pg_sleep(5)'))
        .catch((thrown: unknown) => thrown);
      expect(slow).toMatchObject({ code: '57014' });
      expect(isUnavailable(slow)).toBe(false);
      expect(isTimeout(slow)).toBe(true);
      const blocked = await database.transaction(async (tx) => {
        await tx.query(addBalance, [1, 1]);
        return hasty.query(addBalance, [1, 1]).catch((thrown: unknown) => thrown);
      });
      expect(blocked).toMatchObject({ code: '55P03' });
      expect(isUnavailable(blocked)).toBe(false);
      expect(isTimeout(blocked)).toBe(true);
    } finally {
      await hasty.close();
    }
  });

  it('during the rollback destroys the connection instead of lending it out again', async () => {
    const single = Database.open({
      url: test.url,
      applicationName: 'test-single',
      poolMax: 1,
      statementTimeoutMs: 5_000,
      lockTimeoutMs: 1_000,
      connectTimeoutMs: 20_000,
    });
    try {
      const fault = new Error('a fault of the handler');
      let pid = 0;
      const attempt = single.transaction(async (tx) => {
        const [row] = await tx.query<{ pid: number }>(ownPid);
        pid = row?.pid ?? 0;
        await asAdmin(async (admin) => {
          await admin.query('select pg_terminate_backend($1)', [pid]);
        });
        throw fault;
      });
      await expect(attempt).rejects.toBe(fault);
      const [next] = await single.query<{ pid: number }>(ownPid);
      expect(next?.pid).not.toBe(pid);
    } finally {
      await single.close();
    }
  });
});
