import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { provision, type ProvisionOptions } from './provision.js';

const adminUrl = process.env['POSTGRES_URL'] ?? '';

function optionsOf(service: string): ProvisionOptions {
  const suffix = randomBytes(4).toString('hex');
  return {
    adminUrl,
    database: `encore_${service}_${suffix}`,
    ownerRole: `encore_${service}_owner_${suffix}`,
    ownerPassword: `it's the owner`,
    serviceRole: `encore_${service}_${suffix}`,
    servicePassword: 'the service',
  };
}

const wallet = optionsOf('wallet');
const payment = optionsOf('payment');

const passwords = new Map(
  [wallet, payment].flatMap((options) => [
    [options.ownerRole, options.ownerPassword],
    [options.serviceRole, options.servicePassword],
  ]),
);

async function runAs(role: string, database: string, sql: string): Promise<unknown[]> {
  const url = new URL(adminUrl);
  url.username = role;
  // A server may trust its own machine or ask for the password: both are told the right one.
  url.password = encodeURIComponent(passwords.get(role) ?? decodeURIComponent(url.password));
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function asAdmin(sql: string): Promise<unknown[]> {
  return runAs(new URL(adminUrl).username, 'postgres', sql);
}

beforeAll(async () => {
  await Promise.all([1, 2, 3].map(() => provision(wallet)));
  await provision(payment);
  await runAs(wallet.ownerRole, wallet.database, 'create table accounts (id bigserial, name text)');
});

afterAll(async () => {
  for (const { database, ownerRole, serviceRole } of [wallet, payment]) {
    await asAdmin(`drop database ${database} with (force)`);
    await asAdmin(`drop role ${ownerRole}`);
    await asAdmin(`drop role ${serviceRole}`);
  }
});

describe('a provisioned database', () => {
  it('belongs to its owner, also after three provisioners raced', async () => {
    const [row] = await asAdmin(
      `select rolname from pg_database join pg_roles on pg_roles.oid = datdba
        where datname = '${wallet.database}'`,
    );
    expect(row).toEqual({ rolname: wallet.ownerRole });
  });

  it('lets its service read and write rows of tables the owner made later', async () => {
    const as = (sql: string) => runAs(wallet.serviceRole, wallet.database, sql);
    await as(`insert into accounts (name) values ('one'), ('two')`);
    await as(`update accounts set name = 'three' where name = 'two'`);
    await as(`delete from accounts where name = 'one'`);
    expect(await as('select name from accounts')).toEqual([{ name: 'three' }]);
  });

  it.each([
    'create table mine (id int)',
    'drop table accounts',
    'alter table accounts add column more text',
    'truncate accounts',
    'create schema mine',
    'create temporary table mine (id int)',
  ])('refuses its service to "%s"', async (sql) => {
    await expect(runAs(wallet.serviceRole, wallet.database, sql)).rejects.toThrow(
      /permission denied|must be owner/,
    );
  });

  it('spends little on statistics, whoever collects them', async () => {
    const [row] = await runAs(wallet.ownerRole, wallet.database, 'show default_statistics_target');
    expect(row).toEqual({ default_statistics_target: '10' });
  });

  it('is closed to the roles of every other service', async () => {
    for (const role of [payment.serviceRole, payment.ownerRole]) {
      await expect(runAs(role, wallet.database, 'select 1')).rejects.toThrow('permission denied');
    }
  });

  it('keeps its rows and gets its rights back when it is provisioned again', async () => {
    const before = await runAs(wallet.ownerRole, wallet.database, 'select * from accounts');
    await asAdmin(`grant connect on database ${wallet.database} to public`);
    await runAs(
      wallet.ownerRole,
      wallet.database,
      `revoke select on accounts from ${wallet.serviceRole}`,
    );
    await provision(wallet);
    const after = await runAs(wallet.serviceRole, wallet.database, 'select * from accounts');
    expect(after).toEqual(before);
    await expect(runAs(payment.serviceRole, wallet.database, 'select 1')).rejects.toThrow(
      'permission denied',
    );
  });
});
