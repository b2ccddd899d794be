import {
  accepted,
  ChargeWallet,
  EntryAdmitted,
  EntryEnded,
  HoldSeats,
  JoinWaitingRoom,
  PINGS,
  ReadEntry,
  ReadSchedule,
  SERVICES,
  type ServiceName,
} from '@encore/contracts';
import {
  Answers,
  AnswersEach,
  HandlesEach,
  messagingMigrations,
  Outbox,
  type Received,
} from '@encore/messaging';
import {
  commonConfig,
  createRuntime,
  openService,
  parseConfig,
  type OpenService,
  type Runtime,
} from '@encore/service-kit';
import {
  eventually,
  testActors,
  testBroker,
  testDatabase,
  type TestDatabase,
} from '@encore/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module, type Type } from '@nestjs/common';
import { z } from 'zod';
import { gatewayConfig } from './config.js';
import { openGateway, type OpenGateway } from './gateway.js';
import { call } from './testing/gateway-under-test.js';
import * as samples from './testing/samples.js';

/** How often the stage's handlers really ran. */
const ran = { charges: 0, holds: 0, entries: 0 };
let balanceKrw = 0;

@Controller()
class WalletStage {
  @HandlesEach(ChargeWallet)
  async charge({ payload }: Received<typeof ChargeWallet>) {
    ran.charges += 1;
    balanceKrw += payload.amountKrw;
    return accepted({ userId: payload.userId, balanceKrw, entryId: ran.charges });
  }
}

@Controller()
class QueueStage {
  @HandlesEach(JoinWaitingRoom)
  async join({ payload }: Received<typeof JoinWaitingRoom>) {
    return accepted(samples.waitingEntry(payload.userId, 3));
  }

  @Answers(ReadEntry)
  async read(queries: Received<typeof ReadEntry>[]) {
    ran.entries += queries.length;
    return queries.map(({ payload }) => accepted(samples.waitingEntry(payload.userId, 2)));
  }
}

@Controller()
class ConcertStage {
  @AnswersEach(ReadSchedule)
  async read() {
    return accepted(samples.schedule);
  }
}

@Controller()
class ReservationStage {
  @HandlesEach(HoldSeats)
  async hold({ payload }: Received<typeof HoldSeats>) {
    ran.holds += 1;
    return accepted(samples.reservation({ userId: payload.userId, reservationId: ran.holds }));
  }
}

const STAGES: Partial<Record<ServiceName, Type>> = {
  wallet: WalletStage,
  queue: QueueStage,
  concert: ConcertStage,
  reservation: ReservationStage,
};

function stageOf(name: ServiceName): Type {
  const controller = STAGES[name];
  @Module({ controllers: controller === undefined ? [] : [controller] })
  class Stage {}
  return Stage;
}

interface Staged {
  readonly runtime: Runtime;
  readonly outbox: Outbox;
  readonly own: TestDatabase;
  readonly database: OpenService['database'];
}

describe('the gateway on a real broker', () => {
  const broker = testBroker();
  const staged = new Map<ServiceName, Staged>();
  const shared = { NODE_ENV: 'test', LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'fatal' };
  let gateway: OpenGateway & { runtime: Runtime };
  let url: string;
  let token: string;

  async function stage(name: ServiceName): Promise<Staged> {
    const own = await testDatabase({ service: `stage_${name}`, migrations: [messagingMigrations] });
    const config = parseConfig(z.object(commonConfig), {
      ...shared,
      AMQP_URL: broker.url,
      AMQP_PREFIX: broker.prefix,
      DATABASE_URL: own.url,
      ...testActors.environment,
    });
    const runtime = await createRuntime({ name, config });
    const open = await openService(runtime, {
      name,
      module: stageOf(name),
      config,
      migrations: [],
    });
    runtime.started();
    return { runtime, outbox: open.messaging.outbox, own, database: open.database };
  }

  beforeAll(async () => {
    for (const name of SERVICES) staged.set(name, await stage(name));
    const config = parseConfig(gatewayConfig, {
      ...shared,
      AMQP_URL: broker.url,
      AMQP_PREFIX: broker.prefix,
      HTTP_PORT: '0',
      READINESS_CACHE_MS: '1',
      // A loaded machine may take its time: what is late here is a 503 or a 504, and no answer.
      QUERY_DEADLINE_MS: '20000',
      REQUEST_DEADLINE_MS: '20000',
      ...testActors.gatewayEnvironment,
    });
    const runtime = await createRuntime({ name: 'api-gateway', config });
    gateway = { ...(await openGateway(runtime, config)), runtime };
    runtime.started();
    url = `http://127.0.0.1:${gateway.port}`;
    await eventually(() => expect(gateway.messaging.broadcasts.listening).toBe(true));
    const issued = await gateway.tokens.issue({ userId: 7, roles: ['operator'] });
    token = issued.token;
  });

  afterAll(async () => {
    await gateway.runtime.stop();
    for (const { runtime, own } of staged.values()) {
      await runtime.stop();
      await own.drop();
    }
    await broker.cleanup();
  });

  const queue = () => {
    const found = staged.get('queue');
    if (found === undefined) throw new Error('no queue on the stage');
    return found;
  };

  it('is ready when every service can be asked', async () => {
    await eventually(async () => {
      const { status, body } = await call(`${url}/readyz`, 'GET');
      expect([status, body]).toEqual([200, { ready: true, waitingFor: [] }]);
    });
    const answer = await gateway.messaging.client.ask(
      PINGS.wallet,
      {},
      { timeoutMs: 20_000, correlationId: 'test' },
    );
    expect(answer.ok).toBe(true);
  });

  it('does a change once, however often and at once it is asked for under one key', async () => {
    const asking = { token, key: 'once', json: { amountKrw: 500 } };
    const asked = Array.from({ length: 16 }, () =>
      call(`${url}/v1/wallet/charges`, 'POST', asking),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses).toContain(201);
    expect(new Set([...statuses, 201, 409])).toEqual(new Set([201, 409]));
    expect(ran.charges).toBe(1);
    const again = await call(`${url}/v1/wallet/charges`, 'POST', asking);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual({ userId: 7, balanceKrw: 500, entryId: 1 });
    const other = { ...asking, json: { amountKrw: 501 } };
    expect((await call(`${url}/v1/wallet/charges`, 'POST', other)).status).toBe(422);
    expect(ran.charges).toBe(1);
  });

  it('opens the gate by what it hears and shuts it again', async () => {
    const hold = (key: string) =>
      call(`${url}/v1/reservations`, 'POST', {
        token,
        key,
        json: { scheduleId: 4, seatNumbers: [1] },
      });
    const waiting = await hold('first');
    expect([waiting.status, waiting.body['code']]).toEqual([403, 'ENTRY_WAITING']);
    expect(waiting.body['position']).toBe(2);

    const { outbox, database } = queue();
    const who = { entryId: 1_007, roomId: 'default', userId: 7 };
    const activeUntil = new Date(Date.now() + 60_000).toISOString();
    await database.transaction((tx) =>
      outbox.announce(tx, EntryAdmitted, [{ ...who, activeUntil }]),
    );
    await eventually(async () => expect((await hold('second')).status).toBe(201));
    const questions = ran.entries;
    expect((await hold('third')).status).toBe(201);
    expect(ran.entries).toBe(questions);

    await database.transaction((tx) =>
      outbox.announce(tx, EntryEnded, [{ ...who, state: 'USED' }]),
    );
    let tries = 0;
    await eventually(async () => {
      tries += 1;
      expect((await hold(`after-${tries}`)).status).toBe(403);
    });
    const holds = ran.holds;
    // What was answered before is answered again, although the gate is shut.
    const replayed = await hold('third');
    expect([replayed.status, replayed.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(ran.holds).toBe(holds);
  });

  it('shows operators every queue', async () => {
    const { status, body } = await call(`${url}/v1/ops/queues`, 'GET', { token });
    expect(status).toBe(200);
    const names = (body['items'] as { queue: string }[]).map((item) => item.queue);
    expect(names.some((name) => name.endsWith('wallet.requests'))).toBe(true);
    expect((await call(`${url}/v1/ops/dead-letters`, 'GET', { token })).body).toEqual({
      items: [],
      groups: [],
    });
  });

  it('says 503 and is not ready while a service is away', async () => {
    const wallet = staged.get('wallet');
    await wallet?.runtime.stop();
    await wallet?.own.drop();
    staged.delete('wallet');
    // What was sent before the absence was noticed would be a 504: it might still be handled.
    await eventually(async () => {
      const readiness = await call(`${url}/readyz`, 'GET');
      expect(readiness.status).toBe(503);
      expect(JSON.stringify(readiness.body)).toContain('wallet');
    });
    const json = { amountKrw: 1 };
    await eventually(async () => {
      const answer = await call(`${url}/v1/wallet/charges`, 'POST', { token, json });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect([answer.status, answer.body['code']]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    });
  });
});
