import { Database } from '@encore/database';
import { eventually } from '@encore/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  KeyReusedError,
  OutcomeUnknownError,
  ServiceFaultError,
  ServiceUnavailableError,
} from './errors.js';
import { handlersOn, HUGE_TEXT, Stage } from './handlers.fixture.js';
import type { MessagingLimits } from './options.js';
import {
  atNext,
  Do,
  DoAnew,
  DoEach,
  effects,
  gate,
  Look,
  LookEach,
  openGround,
  openStation,
  Wire,
  type Ground,
  type Station,
} from './station.fixture.js';

let ground: Ground;
let wire: Wire;
let callersWire: Wire;
let wallet: Station;
let caller: Station;
let stage: Stage;

beforeAll(async () => {
  ground = await openGround();
  wire = await Wire.to(ground.broker.url);
  callersWire = await Wire.to(ground.broker.url);
});

afterAll(async () => {
  await wire.close();
  await callersWire.close();
  await ground.close();
});

async function openWallet(
  limits: Partial<MessagingLimits> = {},
  database = ground.store.database,
): Promise<Station> {
  const { url } = wire;
  const controllers = [handlersOn(stage)];
  const { prefix } = ground.broker;
  return openStation({ service: 'wallet', url, prefix, database, controllers, limits });
}

beforeEach(async () => {
  const { database } = ground.store;
  await database.run(database.sql('effects').delete());
  stage = new Stage(database);
  wallet = await openWallet();
  const { prefix } = ground.broker;
  caller = await openStation({ service: 'api-gateway', url: callersWire.url, prefix });
});

afterEach(async () => {
  await caller.close();
  await wallet.close();
});

const done = () => effects(ground.store.database);

function ask(
  contract: typeof Do,
  what: string,
  options: Partial<Parameters<Station['client']['ask']>[2]> = {},
) {
  const given = { timeoutMs: 30_000, correlationId: randomUUID(), ...options };
  return caller.client.ask(contract, { what }, given);
}

describe('a request', () => {
  it('is handled once and answered', async () => {
    await expect(ask(Do, 'one')).resolves.toEqual({
      ok: true,
      value: { done: 'one' },
      replayed: false,
    });
    expect(await done()).toEqual(['one']);
  });

  it('may be refused, with a detail', async () => {
    await expect(ask(Do, 'refuse me')).resolves.toEqual({
      ok: false,
      refusal: 'WALLET_NOT_WILLING',
      detail: { what: 'refuse me' },
      replayed: false,
    });
  });

  it('repeated under the same id gets the first answer, also a refusal, and does nothing', async () => {
    for (const what of ['one', 'refuse two']) {
      const messageId = randomUUID();
      const first = await ask(Do, what, { messageId });
      const second = await ask(Do, what, { messageId });
      expect(second).toEqual({ ...first, replayed: true });
    }
    expect(await done()).toEqual(['one', 'refuse two']);
    expect(wallet.observed.count('stored reply')).toBe(2);
  });

  it('that is handled anew is done again when it comes again, each time in a transaction', async () => {
    const messageId = randomUUID();
    for (const what of ['one', 'one', 'refuse two']) {
      expect(await ask(DoAnew, what, { messageId })).toMatchObject({ replayed: false });
    }
    await expect(ask(DoAnew, 'poison', { messageId })).rejects.toBeInstanceOf(ServiceFaultError);
    expect(await done()).toEqual(['one', 'one', 'refuse two']);
    const { database } = ground.store;
    expect(await database.run(database.sql('inbox').where({ message_id: messageId }))).toEqual([]);
  });

  it('sent by many at once under one id is done once, and all hear the same', async () => {
    const messageId = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => ask(Do, 'one', { messageId })),
    );
    expect(await done()).toEqual(['one']);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    for (const answer of answers)
      expect(answer).toMatchObject({ ok: true, value: { done: 'one' } });
  });

  it('is done once when two instances get it at the same time', async () => {
    const second = await openWallet();
    const { prefix } = ground.broker;
    const { url } = callersWire;
    const otherCaller = await openStation({ service: 'api-gateway', url, prefix });
    let received = 0;
    const onReceived = () => void (received += 1);
    subscribe('encore.transport.received', onReceived);
    // Whoever is first waits inside its transaction until the other instance has the message too.
    stage.before = () => eventually(() => expect(received).toBe(2));
    try {
      const options = { messageId: randomUUID(), timeoutMs: 10_000 };
      const answers = await Promise.all(
        [caller, otherCaller].map(({ client }, index) =>
          client.ask(Do, { what: 'one' }, { ...options, correlationId: String(index) }),
        ),
      );
      expect(answers.map(({ replayed }) => replayed).sort()).toEqual([false, true]);
      expect(wallet.observed.batches).toHaveLength(1);
      expect(second.observed.batches).toHaveLength(1);
      expect(await done()).toEqual(['one']);
    } finally {
      unsubscribe('encore.transport.received', onReceived);
      await otherCaller.close();
      await second.close();
    }
  });

  it('with another content under a used id is refused as such', async () => {
    const messageId = randomUUID();
    await ask(Do, 'one', { messageId, fingerprint: 'a' });
    const other = ask(Do, 'two', { messageId, fingerprint: 'b' });
    await expect(other).rejects.toThrow(KeyReusedError);
    await expect(ask(DoEach, 'one', { messageId })).rejects.toThrow(KeyReusedError);
    expect(await done()).toEqual(['one']);
  });

  it('that breaks its contract is answered with a fault and does nothing', async () => {
    await expect(ask(Do, '')).rejects.toThrow(ServiceFaultError);
    expect(await done()).toEqual([]);
  });

  it('that kills its handler is a fault for its caller alone, and its work is undone', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'poison', 'c', 'd'].map((what) => ask(Do, what)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(outcomes[2]).toMatchObject({ reason: expect.any(ServiceFaultError) });
    expect([...(await done())].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('whose answer is too large to be sent is a fault for its caller alone', async () => {
    const outcomes = await Promise.allSettled(['a', 'huge', 'b'].map((what) => ask(Do, what)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(ServiceFaultError) });
  });

  it('that is too large to be sent is refused to its caller alone', async () => {
    const outcomes = await Promise.allSettled(['a', HUGE_TEXT, 'b'].map((what) => ask(Do, what)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await done()).toEqual(['a', 'b']);
  });

  it('gathers with others while a batch runs', async () => {
    const held = gate();
    stage.before = (whats) => (whats[0] === 'first' ? held.opened : Promise.resolve());
    const first = ask(Do, 'first');
    await eventually(() => expect(stage.batches).toEqual([['first']]));
    const rest = Array.from({ length: 50 }, (_, number) => ask(Do, `later ${number}`));
    // A query of the same service overtakes them: types do not wait for one another.
    await caller.client.ask(
      Look,
      { what: 'meanwhile' },
      { timeoutMs: 10_000, correlationId: 'test' },
    );
    held.open();
    await Promise.all([first, ...rest]);
    expect(stage.batches.map((batch) => batch.length)).toEqual([1, 1, 50]);
  });

  it('of a slow type takes no place of another type, and is refused when its own are taken', async () => {
    await wallet.close();
    wallet = await openWallet({ requestPlacesPerType: 10, prefetchEnvelopes: 10 });
    const held = gate();
    stage.before = () => held.opened;
    const slow = [ask(Do, 'slow')];
    await eventually(() => expect(stage.batches).toHaveLength(1));
    // One envelope each: the next question is put only when this one is on its way.
    for (let asked = 1; asked < 30; asked += 1) {
      const arrived = new Promise<void>((resolve) => atNext('received', resolve));
      slow.push(ask(Do, `slow ${asked}`));
      await arrived;
    }
    const other = caller.client.ask(
      Look,
      { what: 'quick' },
      { timeoutMs: 9_000, correlationId: 'x' },
    );
    await expect(other).resolves.toMatchObject({ ok: true });
    held.open();
    const outcomes = await Promise.allSettled(slow);
    const refusals = outcomes.filter(({ status }) => status === 'rejected');
    expect(refusals).toHaveLength(20);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ reason: expect.any(ServiceUnavailableError) });
    }
    expect(await done()).toHaveLength(10);
  });

  it('handled one at a time has a transaction of its own', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'poison', 'b'].map((what) => ask(DoEach, what)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(stage.batches).toHaveLength(3);
    expect([...(await done())].sort()).toEqual(['a', 'b']);
  });

  it('that comes past its deadline is dropped unhandled', async () => {
    const held = gate();
    stage.before = (whats) => (whats[0] === 'slow' ? held.opened : Promise.resolve());
    const slow = ask(Do, 'slow');
    await eventually(() => expect(stage.batches).toEqual([['slow']]));
    await expect(ask(Do, 'late', { timeoutMs: 1_000 })).rejects.toThrow(OutcomeUnknownError);
    held.open();
    await slow;
    await eventually(() => expect(wallet.observed.count('expired')).toBe(1));
    expect(await done()).toEqual(['slow']);
  });

  it('under an id that is no uuid is refused before it is sent', async () => {
    await expect(ask(Do, 'one', { messageId: 'one' })).rejects.toThrow('not a uuid');
  });
});

describe('a query', () => {
  it('is answered, in batches or one at a time, and leaves nothing in the inbox', async () => {
    const options = { timeoutMs: 10_000, correlationId: 'test', messageId: randomUUID() };
    const { client } = caller;
    for (const contract of [Look, LookEach] as const) {
      await expect(client.ask(contract, { what: 'x' }, options)).resolves.toEqual({
        ok: true,
        value: { done: 'x' },
        replayed: false,
      });
    }
    await expect(client.ask(LookEach, { what: 'poison' }, options)).rejects.toThrow(
      ServiceFaultError,
    );
    expect(await wallet.messaging.inbox.find([options.messageId])).toEqual([]);
  });
});

describe('when the service dies between commit and publish', () => {
  it('the redelivered request is answered from the inbox and done once', async () => {
    atNext('committed', () => wire.cut());
    await expect(ask(Do, 'one')).resolves.toMatchObject({ ok: true, value: { done: 'one' } });
    expect(await done()).toEqual(['one']);
    await eventually(() => expect(wallet.observed.count('stored reply')).toBe(1));
  });
});

describe('a caller', () => {
  it('hears at once that nobody is there, and is served again as soon as somebody is', async () => {
    await wallet.close();
    // With this much time, waiting for an answer would outlast the test.
    const patient = { timeoutMs: 3_600_000 };
    await expect(ask(Do, 'one', patient)).rejects.toThrow(ServiceUnavailableError);
    wallet = await openWallet();
    await expect(ask(Do, 'two')).resolves.toMatchObject({ ok: true });
    expect(await done()).toEqual(['two']);
  });

  it('hears at once that the outcome is unknown when its own connection is lost', async () => {
    const held = gate();
    stage.before = () => held.opened;
    const asked = ask(Do, 'one', { timeoutMs: 3_600_000 });
    await eventually(() => expect(stage.batches).toHaveLength(1));
    callersWire.cut();
    await expect(asked).rejects.toThrow(OutcomeUnknownError);
    // By now the broker, too, has noticed that the queue for the answer is nobody's any more.
    await caller.messaging.ready(30_000);
    held.open();
    await eventually(async () => expect(await done()).toEqual(['one']));
    await eventually(() => expect(wallet.observed.count('undeliverable')).toBe(1));
  });

  it('hears at once that it is not connected, and can tell so afterwards', async () => {
    const { interruptions } = caller.client;
    callersWire.break();
    try {
      await eventually(() => expect(caller.messaging.waitingFor()).not.toEqual([]));
      await expect(ask(Do, 'one')).rejects.toThrow(ServiceUnavailableError);
    } finally {
      callersWire.mend();
    }
    await caller.messaging.ready(30_000);
    expect(caller.client.interruptions).toBeGreaterThan(interruptions);
    await expect(ask(Do, 'two')).resolves.toMatchObject({ ok: true });
    expect(await done()).toEqual(['two']);
  });

  it('hears "unavailable" while the service has no database', async () => {
    await wallet.close();
    const away = Database.open({
      url: 'postgres://nobody@127.0.0.1:1/nothing',
      applicationName: 'test',
      poolMax: 1,
      statementTimeoutMs: 1_000,
      lockTimeoutMs: 1_000,
      connectTimeoutMs: 1_000,
    });
    wallet = await openWallet({}, away);
    await expect(ask(Do, 'one')).rejects.toThrow(ServiceUnavailableError);
    await away.close();
  });
});

describe('a drain', () => {
  it('finishes and answers everything that was taken, and loses no request', async () => {
    const held = gate();
    stage.before = () => held.opened;
    const first = ask(Do, 'first');
    await eventually(() => expect(stage.batches).toHaveLength(1));
    const rest = Array.from({ length: 20 }, (_, number) => ask(Do, `then ${number}`));
    await new Promise<void>((resolve) => atNext('received', resolve));
    const closed = wallet.close();
    held.open();
    await closed;
    const answers = await Promise.all([first, ...rest]);
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(await done()).toHaveLength(21);
  });
});
