import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  BindPass,
  EntryAdmitted,
  EntryEnded,
  ExpireQueueEntry,
  IssuePass,
  JoinWaitingRoom,
  LeaveWaitingRoom,
  ListRooms,
  ReadEntry,
  ReadPass,
  ReadPassOf,
  ReadRoom,
  SeatsChanged,
  SetRoomPolicy,
  type EntryView,
  type PayloadOf,
  type RoomPolicy,
} from '@encore/contracts';
import { Messaging } from '@encore/messaging';
import { bootService, eventually, type BootedService } from '@encore/testing';
import { queueMigrations } from './migrations.js';
import { SETTINGS, valueOf } from './queue-instance.fixture.js';
import { QueueModule } from './queue.module.js';

let queue: BootedService;
let listener: Messaging;
const heard: {
  admitted: PayloadOf<typeof EntryAdmitted>[];
  ended: PayloadOf<typeof EntryEnded>[];
} = { admitted: [], ended: [] };

beforeAll(async () => {
  queue = await bootService({
    name: 'queue',
    module: QueueModule.register({ ...SETTINGS, TEND_EVERY_MS: 50 }),
    migrations: queueMigrations,
  });
  listener = Messaging.open({
    url: queue.broker.url,
    prefix: queue.broker.prefix,
    service: 'reservation',
    database: queue.database,
  });
  listener.broadcasts
    .on(EntryAdmitted, ({ payload }) => heard.admitted.push(payload))
    .on(EntryEnded, ({ payload }) => heard.ended.push(payload));
  listener.broadcasts.start();
  await eventually(() => expect(listener.broadcasts.listening).toBe(true));
}, 60_000);

afterAll(async () => {
  await listener.close();
  await queue.close();
}, 60_000);

async function join(roomId: string, userId: number): Promise<EntryView> {
  return valueOf(await queue.ask(JoinWaitingRoom, { roomId, userId }));
}

async function poll(roomId: string, userId: number): Promise<EntryView> {
  return valueOf(await queue.ask(ReadEntry, { roomId, userId }));
}

async function setPolicy(roomId: string, policy: Partial<RoomPolicy>): Promise<void> {
  const answer = await queue.ask(SetRoomPolicy, { roomId, policy });
  expect(answer.ok).toBe(true);
}

describe('the queue service on its broker', () => {
  it('takes one person from the default room to a used entry', async () => {
    const entry = await join('default', 1);
    expect(entry.state).toBe('ACTIVE');
    expect(await poll('default', 1)).toMatchObject({ entryId: entry.entryId, state: 'ACTIVE' });
    const outcome = await queue.order(ExpireQueueEntry, { entryId: entry.entryId, paymentId: 5 });
    expect(outcome).toEqual({ ok: true, value: {} });
    expect(await poll('default', 1)).toMatchObject({ entryId: entry.entryId, state: 'USED' });
    await eventually(() => {
      const admitted = heard.admitted.filter((event) => event.userId === 1);
      const ended = heard.ended.filter((event) => event.userId === 1);
      expect(admitted).toMatchObject([{ entryId: entry.entryId, activeUntil: entry.activeUntil }]);
      expect(ended).toMatchObject([{ entryId: entry.entryId, state: 'USED' }]);
    });
  });

  it('answers a repeated command with what it said before', async () => {
    const entry = await join('default', 2);
    const id = randomUUID();
    const command = { entryId: entry.entryId, paymentId: 6 };
    const first = await queue.order(ExpireQueueEntry, command, { id });
    expect(await queue.order(ExpireQueueEntry, command, { id })).toEqual(first);
    expect(
      await queue.order(ExpireQueueEntry, { entryId: 987_654_321, paymentId: 7 }),
    ).toMatchObject({ ok: false, refusal: 'QUEUE_ENTRY_NOT_FOUND' });
  });

  it('keeps the cap and the order when two hundred people join at once', async () => {
    await setPolicy('rush', { activeCap: 10, admissionsPerSecond: 1_000 });
    const users = Array.from({ length: 200 }, (_, index) => index + 1);
    const entries = await Promise.all(users.map((userId) => join('rush', userId)));
    expect(entries.filter((entry) => entry.state === 'ACTIVE')).toHaveLength(10);
    const waiting = entries.filter((entry) => entry.state === 'WAITING');
    const polled = await Promise.all(waiting.map((entry) => poll('rush', entry.userId)));
    const byArrival = polled.toSorted((left, right) => left.entryId - right.entryId);
    expect(byArrival.map((entry) => entry.position)).toEqual(
      Array.from({ length: 190 }, (_, index) => index + 1),
    );

    const [head, next] = byArrival;
    const leaver = entries.find((entry) => entry.state === 'ACTIVE');
    const left = await queue.ask(LeaveWaitingRoom, {
      roomId: 'rush',
      userId: leaver?.userId ?? 0,
    });
    expect(left).toMatchObject({ ok: true, value: { state: 'LEFT' } });
    expect(await poll('rush', head?.userId ?? 0)).toMatchObject({ state: 'ACTIVE' });
    expect(await poll('rush', next?.userId ?? 0)).toMatchObject({ position: 1 });
    expect(valueOf(await queue.ask(ReadRoom, { roomId: 'rush' }))).toMatchObject({
      active: 10,
      waiting: 189,
    });
    await eventually(() => {
      const order = heard.admitted.flatMap((event) =>
        event.roomId === 'rush' ? event.entryId : [],
      );
      expect(order).toHaveLength(11);
      expect(order).toEqual(order.toSorted((left, right) => left - right));
    });
  });

  it('gives one person one place, however many requests come at once', async () => {
    const entries = await Promise.all(Array.from({ length: 300 }, () => join('default', 77)));
    expect(new Set(entries.map((entry) => entry.entryId)).size).toBe(1);
  });

  it('gives a guest one place under one message, and the user the guest turns out to be', async () => {
    const guest = { roomId: 'default', userId: null };
    const messageId = randomUUID();
    const pass = valueOf(await queue.ask(IssuePass, guest, { messageId }));
    expect(valueOf(await queue.ask(IssuePass, guest, { messageId }))).toEqual(pass);
    const { tokenId, tokenUuid } = pass;
    const bound = valueOf(await queue.ask(BindPass, { tokenUuid, userId: 501 }));
    expect(bound).toMatchObject({ tokenId, tokenUuid, isGuest: false, entry: { userId: 501 } });
    const { entryId } = bound.entry;
    const shown = await queue.ask(ReadPass, { by: { tokenId } });
    expect(shown).toMatchObject({ ok: true, value: { tokenUuid, entry: { entryId } } });
    const ofUser = await queue.ask(ReadPassOf, { roomId: 'default', userId: 501 });
    expect(ofUser).toMatchObject({ ok: true, value: { tokenId, entry: { entryId } } });
    expect(await poll('default', 501)).not.toHaveProperty('tokenUuid');
    await eventually(() => {
      const admitted = heard.admitted.filter((event) => event.userId === 501);
      expect(admitted).toMatchObject([{ entryId, activeUntil: bound.entry.activeUntil }]);
    });
  });

  it('ends active time and lets the next in by itself', async () => {
    await setPolicy('brief', { activeCap: 1 });
    const first = await join('brief', 1);
    expect(await join('brief', 2)).toMatchObject({ state: 'WAITING', position: 1 });
    await endTimeOf(first);
    await eventually(async () => {
      expect(await poll('brief', 2)).toMatchObject({ state: 'ACTIVE' });
    });
    expect(await poll('brief', 1)).toMatchObject({ entryId: first.entryId, state: 'EXPIRED' });
    await eventually(() =>
      expect(heard.ended).toContainEqual({
        entryId: first.entryId,
        roomId: 'brief',
        userId: 1,
        state: 'EXPIRED',
      }),
    );
  });

  it('lets in what the rate has allowed meanwhile by itself', async () => {
    await setPolicy('slow', { admissionsPerSecond: 5 });
    const users = Array.from({ length: 8 }, (_, index) => index + 1);
    await Promise.all(users.map((userId) => join('slow', userId)));
    await eventually(async () => {
      const room = valueOf(await queue.ask(ReadRoom, { roomId: 'slow' }));
      expect(room).toMatchObject({ active: 8, waiting: 0 });
    });
  });

  it('learns from events how many seats a sale has left', async () => {
    await announceSeats(70, 1, 1);
    await eventually(() => setPolicy('sale', { scheduleId: 70 }));
    expect((await join('sale', 1)).state).toBe('ACTIVE');
    expect((await join('sale', 2)).state).toBe('WAITING');
    await announceSeats(70, 2, 2);
    await eventually(async () => expect((await poll('sale', 2)).state).toBe('ACTIVE'));
  });

  it('refuses what the contract names and lists the rooms there are', async () => {
    const nowhere = { roomId: 'nowhere', userId: 1 };
    const refusal = { ok: false, refusal: 'QUEUE_ROOM_NOT_FOUND' };
    expect(await queue.ask(JoinWaitingRoom, nowhere)).toMatchObject(refusal);
    expect(await queue.ask(ReadEntry, nowhere)).toMatchObject(refusal);
    expect(await queue.ask(LeaveWaitingRoom, nowhere)).toMatchObject(refusal);
    expect(await queue.ask(ReadRoom, { roomId: 'nowhere' })).toMatchObject(refusal);
    const { items } = valueOf(await queue.ask(ListRooms, {}));
    expect(items.map((room) => room.roomId)).toContain('default');
  });

  it('keeps places and the line over a restart', async () => {
    await setPolicy('lasting', { activeCap: 1 });
    const entries = [await join('lasting', 1), await join('lasting', 2), await join('lasting', 3)];
    await queue.restart();
    expect(await join('lasting', 3)).toMatchObject({ entryId: entries[2]?.entryId, position: 2 });
    await queue.ask(LeaveWaitingRoom, { roomId: 'lasting', userId: 1 });
    expect(await poll('lasting', 2)).toMatchObject({ state: 'ACTIVE' });
  }, 60_000);
});

/** As if the whole active time of somebody had passed. */
async function endTimeOf({ entryId }: EntryView): Promise<void> {
  const { database } = queue;
  const entry = database.sql('entries').where({ entry_id: entryId }).returning('entry_id');
  void entry.update({ active_until: database.sql.raw('now()') });
  expect(await database.run(entry)).toHaveLength(1);
}

async function announceSeats(scheduleId: number, version: number, seatsLeft: number) {
  await queue.database.transaction((tx) =>
    listener.outbox.announce(tx, SeatsChanged, [{ scheduleId, version, seatsLeft, seats: [] }]),
  );
}
