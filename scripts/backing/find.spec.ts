import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { accountForPostgres } from './account.mjs';
import { whyNotApt } from './apt.mjs';
import { whyNotDocker } from './docker.mjs';
import { findPostgres, findRabbit, firstOpen, type Attempt } from './find.mjs';
import { foreignServer, type BackingServer } from './server.mjs';

const server: BackingServer = foreignServer({
  source: 'a test',
  url: 'amqp://localhost',
  managementUrl: null,
});

describe('the order of looking', () => {
  it('takes the first way that is open and tries no further one', async () => {
    const later = jest.fn<Attempt>();
    const found = await firstOpen(
      'RabbitMQ',
      [async () => 'closed', async () => server, later],
      '',
    );
    expect(found).toBe(server);
    expect(later).not.toHaveBeenCalled();
  });

  it('says in one sentence what was tried and what to install when no way is open', async () => {
    const attempts = [async () => 'AMQP_URL is not set', async () => 'RabbitMQ is not installed'];
    await expect(firstOpen('RabbitMQ', attempts, 'Install RabbitMQ.')).rejects.toThrow(
      'No RabbitMQ here (AMQP_URL is not set; RabbitMQ is not installed). Install RabbitMQ.',
    );
  });

  it('lets a way that is open but fails be heard, instead of taking the next one', async () => {
    const broken = async () => Promise.reject(new Error('initdb failed'));
    await expect(firstOpen('PostgreSQL', [broken, async () => server], '')).rejects.toThrow(
      'initdb failed',
    );
  });
});

describe('a server named by the environment', () => {
  const options = {
    directory: mkdtempSync(join(tmpdir(), 'encore-find-')),
    password: '',
    throwAway: true,
    report: () => undefined,
  };
  afterAll(() => rmSync(options.directory, { recursive: true }));
  const env = {
    POSTGRES_URL: 'postgres://somebody@db/postgres',
    AMQP_URL: 'amqp://mq',
    AMQP_MANAGEMENT_URL: 'http://mq:15672',
  };

  it('comes before everything else and is never ours to stop or kill', async () => {
    const postgres = await findPostgres({ ...options, env });
    expect(postgres).toMatchObject({ url: env.POSTGRES_URL, ours: false });
    expect(postgres.processes()).toEqual([]);
    await expect(postgres.kill()).rejects.toThrow('not ours');
  });

  it('has a management address only when one is given', async () => {
    const managed = await findRabbit({ ...options, env });
    const plain = await findRabbit({ ...options, env: { AMQP_URL: env.AMQP_URL } });
    expect(managed.managementUrl).toBe('http://mq:15672');
    expect(plain.managementUrl).toBeNull();
  });
});

describe('Docker', () => {
  const says = (working: readonly string[]) => (args: readonly string[]) => ({
    status: working.includes(args[0] ?? '') ? 0 : 1,
    output: '',
  });

  it('counts only with an engine: a client alone is none', () => {
    expect(whyNotDocker('postgres:17', says([]))).toBe('no Docker engine is running');
  });

  it('is used with an image that is there or can be pulled', () => {
    expect(whyNotDocker('postgres:17', says(['info', 'image']))).toBeUndefined();
    expect(whyNotDocker('postgres:17', says(['info', 'pull']))).toBeUndefined();
  });

  it('is passed over when the image can be had in no way', () => {
    expect(whyNotDocker('postgres:17', says(['info']))).toContain('cannot pull');
  });
});

describe('installing with apt-get', () => {
  const debian = 'PRETTY_NAME="Debian"\nID=debian\n';

  it('is for root on Debian and what descends from it', () => {
    const ubuntuLike = 'ID=pop\nID_LIKE="ubuntu debian"\n';
    expect(whyNotApt({ isRoot: false, release: debian })).toContain('root');
    expect(whyNotApt({ isRoot: true, release: 'ID=fedora\n' })).toContain('not Debian');
    expect(whyNotApt({ isRoot: true, release: debian, path: '' })).toContain('no apt-get');
    expect(whyNotApt({ isRoot: true, release: ubuntuLike, path: '' })).toContain('no apt-get');
  });
});

describe('the account PostgreSQL runs as', () => {
  it('is our own unless we are root', () => {
    expect(accountForPostgres({ isRoot: false })).toEqual({});
  });

  it('is postgres, else nobody, when we are root: PostgreSQL refuses root', () => {
    const nobody = 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n';
    const postgres = `${nobody}postgres:x:101:104::/var/lib/postgresql:/bin/bash\n`;
    expect(accountForPostgres({ isRoot: true, passwd: postgres })).toEqual({ uid: 101, gid: 104 });
    expect(accountForPostgres({ isRoot: true, passwd: nobody })).toEqual({
      uid: 65534,
      gid: 65533,
    });
  });
});
