import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from './database.js';
import { asSuperuser } from './template.js';

const serverUrl = process.env['POSTGRES_URL'] ?? '';

let directory: string;
const open: TestDatabase[] = [];

async function opened(): Promise<TestDatabase> {
  const test = await testDatabase({ service: 'self-test', migrations: [directory] });
  open.push(test);
  return test;
}

async function databasesLike(pattern: string): Promise<string[]> {
  return asSuperuser(serverUrl, async (admin) => {
    const found = await admin.query<{ datname: string }>(
      'select datname from pg_database where datname like $1 order by datname',
      [pattern],
    );
    return found.rows.map((row) => row.datname);
  });
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'encore-testing-'));
  await writeFile(
    join(directory, '0001_notes.sql'),
    'create table notes (id int); insert into notes values (1);',
  );
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((test) => test.drop()));
});

describe('testDatabase', () => {
  it('gives each caller a migrated database of its own, also when they come at once', async () => {
    const [one, other] = await Promise.all([opened(), opened()]);
    await one.database.run(one.database.sql('notes').insert({ id: 2 }));
    expect(await one.database.run(one.database.sql('notes').select('id'))).toHaveLength(2);
    expect(await other.database.run(other.database.sql('notes').select('id'))).toHaveLength(1);
  });

  it('lets the service do there what it may do in production, and no more', async () => {
    const { database } = await opened();
    await expect(database.run(database.sql.raw('create table mine (id int)'))).rejects.toThrow(
      'permission denied',
    );
  });

  it('leaves nothing behind once it is dropped, even with somebody still connected', async () => {
    const test = await opened();
    const name = new URL(test.url).pathname.slice(1);
    await asSuperuser(test.adminUrl, async (guest) => {
      // Being thrown out is the point here; without a listener it would end the process.
      guest.on('error', () => undefined);
      await open.pop()?.drop();
      expect(await databasesLike(name)).toEqual([]);
    });
  });
});
