import { statement } from '@encore/database';
import { eventually } from '@encore/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type Channel, type ChannelModel, type GetMessage } from 'amqplib';
import type { Received } from './handling.js';
import { unpackEnvelope } from './envelope.js';
import { InvalidMessageError } from './errors.js';
import { hearerOn, HUGE_TEXT, Stage } from './handlers.fixture.js';
import { takeLeftBehind } from './outbox.js';
import {
  effects,
  gate,
  Happened,
  openGround,
  openStation,
  Rumour,
  Wire,
  type Ground,
  type Station,
} from './station.fixture.js';

let ground: Ground;
let wire: Wire;
let concert: Station;
let stage: Stage;
let reservation: Station | undefined;
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
  await database.run(database.sql('outbox').delete());
  await database.run(database.sql('inbox').delete());
  // Made again by whoever needs it: what earlier tests left there is gone.
  await channel.deleteQueue(`${ground.broker.prefix}reservation.events`);
  stage = new Stage(database);
  const { prefix } = ground.broker;
  concert = await openStation({ service: 'concert', url: wire.url, prefix, database });
});

afterEach(async () => {
  wire.mend();
  await concert.close();
  await reservation?.close();
  reservation = undefined;
});

async function listen(): Promise<void> {
  reservation = await openStation({
    service: 'reservation',
    url: ground.broker.url,
    prefix: ground.broker.prefix,
    database: ground.store.database,
    controllers: [hearerOn(stage)],
  });
}

const done = () => effects(ground.store.database);
const unpublished = async () => {
  const { database } = ground.store;
  return (await database.run(database.sql('outbox').select('event_id'))).length;
};

/** Hears what is announced from now on, an envelope each time it is asked. */
async function spy(): Promise<() => Promise<GetMessage>> {
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, `${ground.broker.prefix}encore.events`, Happened.wireName);
  return () =>
    eventually(async () => {
      const message = await channel.get(queue, { noAck: true });
      if (message === false) throw new Error('nothing came');
      return message;
    });
}

function announce(...whats: string[]): Promise<void> {
  return ground.store.database.transaction((tx) =>
    concert.messaging.outbox.announce(
      tx,
      Happened,
      whats.map((what) => ({ what })),
      { correlationId: 'test' },
    ),
  );
}

describe('an event', () => {
  it('is heard once by whoever subscribed, in order, and leaves the outbox empty', async () => {
    await listen();
    await announce('one', 'two', 'three');
    await eventually(async () => expect(await done()).toEqual(['one', 'two', 'three']));
    await eventually(async () => expect(await unpublished()).toBe(0));
  });

  it('waits for a service that was never started', async () => {
    await announce('early');
    await eventually(async () => expect(await unpublished()).toBe(0));
    await listen();
    await eventually(async () => expect(await done()).toEqual(['early']));
  });

  it('is not announced when its transaction is rolled back', async () => {
    await listen();
    const broken = ground.store.database.transaction(async (tx) => {
      concert.messaging.outbox.announce(tx, Happened, [{ what: 'never' }]);
      throw new Error('changed my mind');
    });
    await expect(broken).rejects.toThrow('changed my mind');
    await announce('instead');
    await eventually(async () => expect(await done()).toEqual(['instead']));
    await eventually(async () => expect(await unpublished()).toBe(0));
  });

  it('left behind by a process that died is swept by another, and heard once', async () => {
    await listen();
    wire.break();
    await announce('left behind');
    // The process dies: nothing of its memory remains.
    await concert.close();
    expect(await done()).toEqual([]);
    expect(await unpublished()).toBe(1);
    expect(await reservation?.messaging.outbox.oldestAgeSeconds()).toBeGreaterThan(0);
    const swept = await Promise.all([
      reservation?.messaging.outbox.sweep(),
      reservation?.messaging.outbox.sweep(),
    ]);
    expect(swept.sort()).toEqual([0, 1]);
    await eventually(async () => expect(await done()).toEqual(['left behind']));
    expect(await unpublished()).toBe(0);
    expect(await reservation?.messaging.outbox.oldestAgeSeconds()).toBe(0);
  });

  it('that could not be published stays for the sweeper', async () => {
    await listen();
    wire.break();
    await eventually(() => expect(concert.messaging.waitingFor()).not.toEqual([]));
    await announce('stays');
    wire.mend();
    await concert.messaging.ready(30_000);
    await concert.messaging.outbox.sweep();
    await eventually(async () => expect(await done()).toEqual(['stays']));
    await eventually(async () => expect(await unpublished()).toBe(0));
  });

  it('is swept in portions that cost the same however many were left behind', async () => {
    const { database } = ground.store;
    const many = `insert into outbox (event_id, message_type, body, headers)
      select gen_random_uuid(), 'concert.rumour', '{}', '{}' from generate_series(1, 20000)`;
    await database.run(database.sql.raw(many));
    await database.run(database.sql.raw('analyze outbox'));
    const explain = statement('test-explain-sweep', `explain ${takeLeftBehind.text}`);
    const plan = await database.query(explain, [0, 500]);
    expect(JSON.stringify(plan)).toContain('Index Scan using outbox_in_order');
    expect(JSON.stringify(plan)).not.toContain('Sort');
  });

  it('is left alone, and is no fault, while the broker is away', async () => {
    wire.break();
    await eventually(() => expect(concert.messaging.waitingFor()).not.toEqual([]));
    await announce('stays');
    expect(await concert.messaging.outbox.sweep()).toBe(0);
    expect(await unpublished()).toBe(1);
  });

  it('that is too large to be sent, ever, undoes the transaction that announces it', async () => {
    await expect(announce('fine', HUGE_TEXT)).rejects.toThrow(InvalidMessageError);
    expect(await unpublished()).toBe(0);
  });

  it('that follow another one within the pause leave together', async () => {
    await concert.close();
    const { broker, store } = ground;
    concert = await openStation({
      ...{ service: 'concert', url: wire.url, prefix: broker.prefix, database: store.database },
      limits: { relayPauseMs: 2_000 },
    });
    const spied = await spy();
    await announce('one');
    expect(unpackEnvelope((await spied()).content)).toHaveLength(1);
    await announce('two');
    await announce('three');
    const together = unpackEnvelope((await spied()).content);
    expect(together.map(({ body }) => body)).toEqual([{ what: 'two' }, { what: 'three' }]);
  });

  it('delivered twice has one effect', async () => {
    await listen();
    const spied = await spy();
    await announce('one');
    const copy = await spied();
    channel.sendToQueue(`${ground.broker.prefix}reservation.events`, copy.content);
    await announce('two');
    await eventually(async () => expect(await done()).toEqual(['one', 'two']));
    await eventually(() => {
      const handled = reservation?.observed.batches.reduce((sum, { size }) => sum + size, 0);
      expect(handled).toBe(3);
    });
    expect(await done()).toEqual(['one', 'two']);
  });

  it('nobody subscribed to is no fault', async () => {
    await ground.store.database.transaction((tx) =>
      concert.messaging.outbox.announce(tx, Rumour, [{ what: 'psst' }]),
    );
    await eventually(async () => expect(await unpublished()).toBe(0));
  });
});

describe('a broadcast listener', () => {
  it('hears every event, and says when it may have missed some', async () => {
    const heard: string[] = [];
    const hear = ({ payload }: Received<typeof Happened>) => void heard.push(payload.what);
    const { prefix } = ground.broker;
    const gateway = await openStation({ service: 'api-gateway', url: wire.url, prefix });
    let resets = 0;
    const { broadcasts } = gateway.messaging;
    broadcasts.on(Happened, hear).onReset(() => (resets += 1));
    broadcasts.start();
    await eventually(() => expect(broadcasts.listening).toBe(true));
    expect(resets).toBe(1);
    await announce('one', 'two');
    await eventually(() => expect(heard).toEqual(['one', 'two']));
    wire.cut();
    await eventually(() => expect(resets).toBe(2));
    await eventually(() => expect(broadcasts.listening).toBe(true));
    await concert.messaging.ready(30_000);
    await announce('three');
    await eventually(() => expect(heard).toEqual(['one', 'two', 'three']));
    await gateway.close();
  });
});

describe('the inbox', () => {
  it('forgets what is older than its limit, and nothing younger', async () => {
    await listen();
    await announce('old', 'young');
    await eventually(async () => expect(await done()).toHaveLength(2));
    const { database } = ground.store;
    const [old] = await database.run<{ message_id: string }>(
      database.sql('effects').select('message_id').where('what', 'old'),
    );
    const aged = database
      .sql('inbox')
      .where('message_id', old?.message_id ?? '')
      .update({ created_at: database.sql.raw("now() - interval '25 hours'") });
    await database.run(aged);
    expect(await reservation?.messaging.inbox.prune()).toBe(1);
    expect(await database.run(database.sql('inbox').select('message_id'))).toHaveLength(1);
  });
});

describe('the inspector', () => {
  it('knows depth, consumers, what is in work, and the age of what nobody takes', async () => {
    await listen();
    const { inspector } = concert.messaging;
    inspector.start();
    const held = gate();
    stage.before = () => held.opened;
    await announce('in work');
    const statusOf = async (role: string) => {
      const statuses = await inspector.inspect();
      const status = statuses.find(({ queue }) => queue.endsWith(`reservation.${role}`));
      if (status === undefined) throw new Error(`no queue for ${role}`);
      return status;
    };
    await eventually(async () =>
      expect(await statusOf('events')).toMatchObject({ depth: 0, unacknowledged: 1, consumers: 1 }),
    );
    expect((await statusOf('events')).oldestAgeSeconds).toBeGreaterThan(0);
    held.open();
    await eventually(async () => expect(await done()).toEqual(['in work']));
    await reservation?.close();
    await announce('nobody takes');
    await eventually(async () =>
      expect(await statusOf('events')).toMatchObject({ depth: 1, consumers: 0 }),
    );
    expect((await statusOf('events')).oldestAgeSeconds).toBeGreaterThan(0);
    expect(await statusOf('commands')).toMatchObject({ depth: 0, oldestAgeSeconds: null });
  });

  it('knows the age of what waits behind a consumer that takes nothing', async () => {
    const queue = `${ground.broker.prefix}reservation.events`;
    const { inspector } = concert.messaging;
    inspector.start();
    await announce('waits');
    await eventually(async () => expect(await unpublished()).toBe(0));
    // Somebody who says nothing of what it does, and holds another message.
    await channel.prefetch(1);
    const { consumerTag } = await channel.consume(queue, () => undefined);
    await announce('behind');
    const look = async () =>
      (await inspector.inspect()).find((status) => status.queue === queue)?.oldestAgeSeconds;
    await eventually(async () => expect(await look()).toBeGreaterThan(0));
    const before = await look();
    // Looked at once and remembered: the next looks cost the message nothing.
    await eventually(async () => expect(await look()).toBeGreaterThan((before ?? 0) + 0.2));
    await channel.cancel(consumerTag);
    channel.nackAll(true);
    await channel.prefetch(0);
    await listen();
    await eventually(async () => expect(await done()).toHaveLength(2));
  });
});
