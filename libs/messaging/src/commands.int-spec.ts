import { Database } from '@encore/database';
import { eventually } from '@encore/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { InvalidMessageError } from './errors.js';
import { handlersOn, HUGE_TEXT, replyCollectorOn, Stage } from './handlers.fixture.js';
import {
  atNext,
  effects,
  gate,
  openGround,
  openStation,
  Order,
  Unheard,
  Wire,
  type Ground,
  type Station,
} from './station.fixture.js';

let ground: Ground;
let wire: Wire;
let wallet: Station;
let payment: Station;
let stage: Stage;
let other: ChannelModel;
let channel: Channel;

beforeAll(async () => {
  ground = await openGround();
  wire = await Wire.to(ground.broker.url);
  other = await connect(ground.broker.url);
  channel = await other.createChannel();
});

afterAll(async () => {
  await other.close();
  await wire.close();
  await ground.close();
});

beforeEach(async () => {
  const { database } = ground.store;
  await database.run(database.sql('effects').delete());
  // The broker may hand out again what was acked just before its channel closed: not in the next
  // test.
  for (const name of ['wallet.commands', 'wallet.parked', 'payment.replies']) {
    await channel.deleteQueue(queueOf(name));
  }
  stage = new Stage(database);
  wallet = await openWallet(database);
  payment = await openStation({
    service: 'payment',
    url: ground.broker.url,
    prefix: ground.broker.prefix,
    database,
    controllers: [replyCollectorOn(stage)],
  });
});

afterEach(async () => {
  await payment.close();
  await wallet.close();
});

async function openWallet(database: Database): Promise<Station> {
  const { prefix } = ground.broker;
  const controllers = [handlersOn(stage)];
  return openStation({ service: 'wallet', url: wire.url, prefix, database, controllers });
}

const queueOf = (name: string) => `${ground.broker.prefix}${name}`;
const done = () => effects(ground.store.database);
const depthOf = async (name: string) => (await channel.checkQueue(queueOf(name))).messageCount;
const commandsReplied = () => new Set(stage.replies.map(({ inReplyTo }) => inReplyTo));

function order(what: string, id = randomUUID(), contract: typeof Order = Order) {
  return { id, contract, payload: { what }, correlationId: `about ${what}` };
}

describe('a command', () => {
  it('is done once and its reply comes to the sender, with what it answers', async () => {
    const command = { ...order('one'), traceparent: '00-trace-span-01', causationId: 'cause' };
    await payment.messaging.commands.send([command]);
    await eventually(() => expect(stage.replies).toHaveLength(1));
    expect(stage.replies[0]).toMatchObject({
      inReplyTo: command.id,
      type: Order.wireName,
      outcome: { ok: true, value: { done: 'one' } },
      correlationId: 'about one',
      traceparent: '00-trace-span-01',
    });
    expect(await done()).toEqual(['one']);
  });

  it('sent again is answered again and done once', async () => {
    const command = order('one');
    await payment.messaging.commands.send([command]);
    await eventually(() => expect(stage.replies).toHaveLength(1));
    await payment.messaging.commands.send([command, command]);
    await eventually(() => expect(stage.replies).toHaveLength(3));
    expect(await done()).toEqual(['one']);
  });

  it('travels with its like in one envelope and is handled with them in one batch', async () => {
    const whats = Array.from({ length: 100 }, (_, number) => `order ${number}`);
    await payment.messaging.commands.send(whats.map((what) => order(what)));
    await eventually(() => expect(stage.replies).toHaveLength(100));
    expect(stage.batches.map((batch) => batch.length)).toEqual([100]);
    expect(await done()).toEqual(whats);
    expect(payment.observed.count('published')).toBe(1);
  });

  it('waits in its queue for a service that is not there', async () => {
    await wallet.close();
    await payment.messaging.commands.send([order('patient')]);
    wallet = await openWallet(ground.store.database);
    await eventually(async () => expect(await done()).toEqual(['patient']));
  });

  it('that is too large to be sent keeps none of its neighbours', async () => {
    const whats = ['a', HUGE_TEXT, 'b'];
    const sending = payment.messaging.commands.send(whats.map((what) => order(what)));
    await expect(sending).rejects.toThrow(InvalidMessageError);
    await eventually(async () => expect(await done()).toEqual(['a', 'b']));
  });

  it('whose answer is too large to be sent leaves the sender something to look at', async () => {
    await payment.messaging.commands.send(['a', 'huge', 'b'].map((what) => order(what)));
    await eventually(() => expect(stage.replies).toHaveLength(2));
    await eventually(async () => expect(await depthOf('payment.parked')).toBe(1));
    await channel.deleteQueue(queueOf('payment.parked'));
  });

  it('finds its queue again after somebody deleted it', async () => {
    await wallet.close();
    await payment.messaging.commands.send([order('deleted with the queue')]);
    await channel.deleteQueue(queueOf('wallet.commands'));
    await expect(payment.messaging.commands.send([order('first try')])).rejects.toThrow('No queue');
    await payment.messaging.commands.send([order('second try')]);
    wallet = await openWallet(ground.store.database);
    await eventually(async () => expect(await done()).toEqual(['second try']));
  });
});

describe('a crash between commit and ack', () => {
  it.each(['committed', 'published'] as const)(
    'when the batch is %s leads to a redelivery, one effect, and a reply',
    async (moment) => {
      let crashed = false;
      atNext(moment, () => {
        crashed = true;
        wire.cut();
      });
      await payment.messaging.commands.send(['one', 'two'].map((what) => order(what)));
      await eventually(() => expect(wallet.observed.count('stored reply')).toBe(2));
      await eventually(() => expect(commandsReplied().size).toBe(2));
      expect(crashed).toBe(true);
      expect(await done()).toEqual(['one', 'two']);
    },
  );
});

describe('a promise kept before the ack', () => {
  it('is tried again until it succeeds; until then the command stays unacked', async () => {
    let failures = 2;
    let kept = 0;
    stage.before = async (_whats, context) => {
      context.beforeAck(async () => {
        failures -= 1;
        if (failures >= 0) throw new Error('not yet');
        expect(await done()).toEqual(['one']);
        kept += 1;
      });
    };
    await payment.messaging.commands.send([order('one')]);
    await eventually(() => expect(kept).toBe(1));
    await eventually(() => expect(stage.replies).toHaveLength(1));
    expect(failures).toBe(-1);
  });

  it('is forgotten when the batch is rolled back', async () => {
    let kept = 0;
    stage.before = async (_whats, context) => {
      context.beforeAck(async () => void (kept += 1));
    };
    await payment.messaging.commands.send([order('poison')]);
    await eventually(async () => expect(await depthOf('wallet.parked')).toBe(1));
    expect(kept).toBe(0);
  });
});

describe('a command that kills its handler', () => {
  it('climbs the ladder, is parked alone with its cause, and its neighbours are done', async () => {
    const poison = order('poison');
    const commands = [order('a'), order('b'), poison, order('c'), order('d')];
    await payment.messaging.commands.send(commands);
    await eventually(() => expect(stage.replies).toHaveLength(4));
    await eventually(async () => expect(await depthOf('wallet.parked')).toBe(1));
    expect([...(await done())].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(wallet.observed.count('retried')).toBe(2);
    expect(wallet.observed.count('parked')).toBe(1);
    expect(new Set(stage.attempts)).toEqual(new Set([1, 2, 3]));

    payment.messaging.inspector.start();
    const parked = await payment.messaging.inspector.peekParked('wallet', 10);
    expect(parked).toHaveLength(1);
    expect(parked[0]).toMatchObject({
      messageId: poison.id,
      type: Order.wireName,
      service: 'wallet',
      originQueue: queueOf('wallet.commands'),
      cause: { name: 'PoisonError', message: 'this one kills' },
      attempts: 3,
      correlationId: 'about poison',
      body: { what: 'poison' },
    });
    expect(parked[0]?.cause.stack).toContain('PoisonError');
    expect(parked[0]?.firstFailedAt?.getTime()).toBeLessThan(parked[0]?.parkedAt?.getTime() ?? 0);
    // Looking changes nothing.
    await eventually(async () => expect(await depthOf('wallet.parked')).toBe(1));
  });

  it('and gets better in time is done on a later rung', async () => {
    let failures = 2;
    stage.before = async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('not feeling well');
    };
    await payment.messaging.commands.send([order('recovering')]);
    await eventually(() => expect(stage.replies).toHaveLength(1));
    expect(await done()).toEqual(['recovering']);
    expect(stage.attempts).toEqual([1, 2, 3]);
    expect(await depthOf('wallet.parked')).toBe(0);
  });

  it('is parked at once when it breaks its contract', async () => {
    await payment.messaging.commands.send([order(''), order('fine')]);
    await eventually(async () => expect(await depthOf('wallet.parked')).toBe(1));
    await eventually(async () => expect(await done()).toEqual(['fine']));
    expect(wallet.observed.count('retried')).toBe(0);
  });

  it('is parked also when it is larger than anything we would send', async () => {
    const body = { what: '', filler: HUGE_TEXT };
    const headers = { correlationId: 'test', sentAt: 1, attempt: 1 };
    const message = { id: randomUUID(), type: Order.wireName, body, headers };
    const envelope = JSON.stringify({ v: 1, messages: [message] });
    channel.sendToQueue(queueOf('wallet.commands'), Buffer.from(envelope));
    await eventually(async () => expect(await depthOf('wallet.parked')).toBe(1));
  });

  it('is parked after the ladder when nobody here knows it', async () => {
    await payment.messaging.commands.send([order('what?', randomUUID(), Unheard)]);
    await eventually(async () => expect(await depthOf('wallet.parked')).toBe(1));
    expect(wallet.observed.count('retried')).toBe(2);
  });

  it('is parked as it is when it cannot even be read', async () => {
    channel.sendToQueue(queueOf('wallet.commands'), Buffer.from('gibberish'));
    await eventually(async () => expect(await depthOf('wallet.parked')).toBe(1));
    payment.messaging.inspector.start();
    const [parked] = await payment.messaging.inspector.peekParked('wallet', 1);
    expect(parked).toMatchObject({ type: 'unreadable', body: 'gibberish' });
    expect(parked?.cause.name).toBe('InvalidMessageError');
  });
});

describe('while the database is away', () => {
  it('a command is held, burns no attempt, and is done when the database is back', async () => {
    await wallet.close();
    const { url } = ground.store;
    const database = Database.open({
      url,
      applicationName: 'test-goes-away',
      poolMax: 2,
      statementTimeoutMs: 5_000,
      lockTimeoutMs: 5_000,
      connectTimeoutMs: 20_000,
    });
    wallet = await openWallet(database);
    let terminations = 3;
    stage.before = async (_whats, { tx }) => {
      terminations -= 1;
      // What a server says that is shutting down.
      if (terminations >= 0)
        await tx.run(database.sql.raw('select pg_terminate_backend(pg_backend_pid())'));
    };
    await payment.messaging.commands.send([order('held')]);
    await eventually(() => expect(stage.replies).toHaveLength(1));
    expect(await done()).toEqual(['held']);
    expect(new Set(stage.attempts)).toEqual(new Set([1]));
    expect(wallet.observed.count('retried')).toBe(0);
    expect(wallet.observed.batches.map(({ outcome }) => outcome)).toEqual([
      'unavailable',
      'unavailable',
      'unavailable',
      'done',
    ]);
    await wallet.close();
    await database.close();
  });
});

describe('a drain', () => {
  it('loses nothing of what was sent, taken or not', async () => {
    const held = gate();
    stage.before = () => held.opened;
    const whats = Array.from({ length: 60 }, (_, number) => `order ${number}`);
    const sending = whats.map((what) => payment.messaging.commands.send([order(what)]));
    await eventually(() => expect(stage.batches).toHaveLength(1));
    const closed = wallet.close();
    held.open();
    await closed;
    await Promise.all(sending);
    wallet = await openWallet(ground.store.database);
    await eventually(() => expect(commandsReplied().size).toBe(60));
    expect([...(await done())].sort()).toEqual([...whats].sort());
  });

  it('leaves to others what its grace is too short for', async () => {
    await wallet.close();
    const { prefix } = ground.broker;
    const { database } = ground.store;
    const impatient = await openStation({
      service: 'wallet',
      url: wire.url,
      prefix,
      database,
      controllers: [handlersOn(stage)],
      limits: { drainGraceMs: 50 },
    });
    const held = gate();
    stage.before = () => held.opened;
    await payment.messaging.commands.send([order('slow')]);
    await eventually(() => expect(stage.batches).toHaveLength(1));
    await impatient.close();
    expect(stage.replies).toEqual([]);
    held.open();
    stage.before = async () => undefined;
    wallet = await openWallet(database);
    await eventually(() => expect(stage.replies).toHaveLength(1));
    expect(await done()).toEqual(['slow']);
  });
});
