import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from './database.js';
import { isUnavailable } from './errors.js';
import { statement } from './queryable.js';

const ownPid = statement('own-pid', 'select pg_backend_pid() as pid');
const server = new URL(process.env['POSTGRES_URL'] ?? '');

/** Stands between client and server, and can swallow what the open connections still say. */
class BlackHole {
  readonly #open = new Set<Socket>();
  #listener: Server | undefined;

  async listen(): Promise<number> {
    const listener = createServer((client) => {
      const upstream = connect(Number(server.port || 5432), server.hostname);
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) {
        this.#open.add(socket);
        socket.on('error', () => socket.destroy());
      }
    });
    this.#listener = listener;
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return (listener.address() as AddressInfo).port;
  }

  swallow(): void {
    for (const socket of this.#open) socket.unpipe().resume();
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.#listener?.close();
  }
}

const blackHole = new BlackHole();
let database: Database;

beforeAll(async () => {
  const url = new URL(server.href);
  url.hostname = '127.0.0.1';
  url.port = String(await blackHole.listen());
  database = Database.open({
    url: url.href,
    applicationName: 'test-black-hole',
    poolMax: 1,
    statementTimeoutMs: 1_000,
    lockTimeoutMs: 1_000,
    connectTimeoutMs: 20_000,
  });
});

afterAll(async () => {
  blackHole.close();
  await database.close();
});

it('never lends out a connection again whose rollback was not answered', async () => {
  const fault = new Error('a fault of the handler');
  let pid: number | undefined;
  const attempt = database.transaction(async (tx) => {
    const [row] = await tx.query<{ pid: number }>(ownPid);
    pid = row?.pid;
    blackHole.swallow();
    throw fault;
  });
  await expect(attempt).rejects.toBe(fault);
  const [next] = await database.query<{ pid: number }>(ownPid);
  expect(next?.pid).not.toBe(pid);
});

it('takes a statement whose answer never comes for an outage, in bounded time', async () => {
  const attempt = database.transaction(async (tx) => {
    blackHole.swallow();
    return tx.query(ownPid);
  });
  const error = await attempt.catch((thrown: unknown) => thrown);
  expect(isUnavailable(error)).toBe(true);
  await expect(database.query(ownPid)).resolves.toHaveLength(1);
});
