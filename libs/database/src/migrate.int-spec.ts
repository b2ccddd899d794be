import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Database } from './database.js';
import { migrate, pendingMigrations } from './migrate.js';

const serverUrl = process.env['POSTGRES_URL'] ?? '';

let name: string;
let url: string;
let database: Database;
let directory: string;

async function onServer(sql: string): Promise<void> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    await admin.query(sql);
  } finally {
    await admin.end();
  }
}

async function addMigration(file: string, sql: string): Promise<void> {
  await writeFile(join(directory, file), sql);
}

beforeEach(async () => {
  name = `encore_migrate_${randomBytes(5).toString('hex')}`;
  await onServer(`create database ${name}`);
  url = serverUrl.replace(/[^/]+$/, name);
  directory = join(await mkdtemp(join(tmpdir(), 'encore-migrate-')), 'shop', 'migrations');
  await mkdir(directory, { recursive: true });
  database = Database.open({
    url,
    applicationName: 'test-migrate',
    poolMax: 2,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 5_000,
    connectTimeoutMs: 5_000,
  });
});

afterEach(async () => {
  await database.close();
  await onServer(`drop database ${name} with (force)`);
});

describe('migrate', () => {
  it('runs each migration once when four processes start at once on an empty database', async () => {
    await addMigration('0001_goods.sql', 'create table goods (id int);');
    await addMigration('0002_first_good.sql', 'insert into goods values (1);');
    const options = { url, directories: [directory] };
    const ran = await Promise.all([1, 2, 3, 4].map(() => migrate(options)));
    expect(ran.flat()).toEqual(['shop/0001_goods.sql', 'shop/0002_first_good.sql']);
    expect(await database.run(database.sql('goods').select('id'))).toEqual([{ id: 1 }]);
  });

  it('keeps nothing of a run that fails, and the next run does it all', async () => {
    await addMigration('0001_goods.sql', 'create table goods (id int);');
    await addMigration('0002_broken.sql', 'insert into nowhere values (1);');
    await expect(migrate({ url, directories: [directory] })).rejects.toThrow('nowhere');
    await addMigration('0002_broken.sql', 'insert into goods values (2);');
    expect(await migrate({ url, directories: [directory] })).toHaveLength(2);
  });

  it('is not stopped by the lock row of a process that was killed', async () => {
    await addMigration('0001_goods.sql', 'create table goods (id int);');
    await migrate({ url, directories: [directory] });
    await database.run(database.sql('knex_migrations_lock').update({ is_locked: 1 }));
    await addMigration('0002_more.sql', 'create table more (id int);');
    expect(await migrate({ url, directories: [directory] })).toEqual(['shop/0002_more.sql']);
  });

  it('takes question marks and several statements for what they are', async () => {
    await addMigration(
      '0001_marks.sql',
      `create table marks (value jsonb check (not value ? 'secret')); -- is it?
       insert into marks values ('{"what": "?"}');`,
    );
    await migrate({ url, directories: [directory] });
    expect(await database.run(database.sql('marks').select('value'))).toEqual([
      { value: { what: '?' } },
    ]);
  });

  it('leaves a schema that is newer than the code alone', async () => {
    await addMigration('0001_goods.sql', 'create table goods (id int);');
    await migrate({ url, directories: [directory] });
    await database.run(
      database
        .sql('knex_migrations')
        .insert({ name: 'shop/0002_later.sql', batch: 2, migration_time: new Date() }),
    );
    expect(await migrate({ url, directories: [directory] })).toEqual([]);
    expect(await pendingMigrations(database, [directory])).toEqual([]);
  });
});

describe('pendingMigrations', () => {
  it('names what the database has not seen, from nothing at all to ready', async () => {
    await addMigration('0001_goods.sql', 'create table goods (id int);');
    expect(await pendingMigrations(database, [directory])).toEqual(['shop/0001_goods.sql']);
    await migrate({ url, directories: [directory] });
    expect(await pendingMigrations(database, [directory])).toEqual([]);
    await addMigration('0002_more.sql', 'create table more (id int);');
    expect(await pendingMigrations(database, [directory])).toEqual(['shop/0002_more.sql']);
  });
});
