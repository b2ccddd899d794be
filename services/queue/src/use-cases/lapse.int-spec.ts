import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { valueOf, type QueueInstance } from '../queue-instance.fixture.js';
import { QueueWorld } from '../queue-world.fixture.js';

let world: QueueWorld;
let queue: QueueInstance;
let rooms = 0;
let room = '';

beforeAll(async () => {
  world = await QueueWorld.open();
});
afterAll(() => world.close());
beforeEach(async () => {
  queue = world.instance();
  rooms += 1;
  room = `room-${rooms}`;
  await queue.setPolicy(room, { activeCap: 2, activeSeconds: 100, graceSeconds: 60 });
  // A room as old as the test's people: silence before it existed would be forgiven.
  await world.letTimePass(room, 3_600);
});

async function states(...userIds: number[]): Promise<string> {
  const entries = (await queue.poll(room, ...userIds)).map(valueOf);
  return entries.map((entry) => entry.state[0]).join('');
}

describe('active time', () => {
  it('is over for every reader at once, before anything swept it', async () => {
    await queue.joined(room, 1);
    await world.letTimePass(room, 100);
    expect(await states(1)).toBe('E');
    expect(await world.standing(room)).toMatchObject({ active: 1 });
  });

  it('frees its capacity for the head of the line at the next tick', async () => {
    await queue.joined(room, 1, 2, 3, 4, 5);
    await world.letTimePass(room, 50);
    await queue.poll(room, 3, 4, 5);
    await world.letTimePass(room, 50);
    await queue.tick();
    expect(await states(1, 2, 3, 4, 5)).toBe('EEAAW');
    expect(queue.announcements.ended.map(({ userId, state }) => [userId, state])).toEqual(
      expect.arrayContaining([
        [1, 'EXPIRED'],
        [2, 'EXPIRED'],
      ]),
    );
    expect(queue.announcements.admitted.map(({ userId }) => userId)).toEqual([1, 2, 3, 4]);
  });

  it('frees its capacity also without a tick, to the head before a newcomer', async () => {
    await queue.joined(room, 1, 2, 3);
    await world.letTimePass(room, 50);
    await queue.poll(room, 3);
    await world.letTimePass(room, 50);
    await queue.joined(room, 4, 5);
    expect(await states(3, 4, 5)).toBe('AAW');
  });

  it('is given anew only with a new place at the end', async () => {
    const [old] = await queue.joined(room, 1, 2, 3);
    await world.letTimePass(room, 50);
    await queue.poll(room, 3);
    await world.letTimePass(room, 50);
    const [again] = await queue.joined(room, 1);
    expect(again?.entryId).not.toBe(old?.entryId);
    expect(await states(1, 2, 3)).toBe('AEA');
    expect(await world.standing(room)).toEqual({
      waiting: 0,
      active: 2,
      waiting_entries: 0,
      active_entries: 2,
    });
  });

  it('lapses for thousands at once within a few ticks', async () => {
    room = `${room}-large`;
    await queue.setPolicy(room, { activeCap: 5_000, admissionsPerSecond: 5_000 });
    await queue.join(room, ...Array.from({ length: 2_500 }, (_, index) => index + 1));
    expect(await world.standing(room)).toMatchObject({ active: 2_500 });
    await world.letTimePass(room, 300);
    for (let ticks = 0; ticks < 3; ticks += 1) await queue.tick();
    expect(await world.standing(room)).toMatchObject({ active: 0, active_entries: 0 });
  });
});

describe('a waiter who stops polling', () => {
  it('is skipped and removed when his turn comes', async () => {
    await queue.joined(room, 1, 2, 3, 4);
    await world.letTimePass(room, 40);
    await queue.poll(room, 4);
    await world.letTimePass(room, 40);
    await queue.leave(room, 1);
    expect(await states(3, 4)).toBe('EA');
    expect(queue.announcements.ended).toContainEqual(
      expect.objectContaining({ userId: 3, state: 'EXPIRED' }),
    );
    expect(await world.standing(room)).toEqual({
      waiting: 0,
      active: 2,
      waiting_entries: 0,
      active_entries: 2,
    });
  });

  it('is removed in the middle of a line that does not move', async () => {
    await queue.joined(room, 1, 2, 3, 4, 5, 6);
    await world.letTimePass(room, 40);
    await queue.poll(room, 3, 5, 6);
    await world.letTimePass(room, 40);
    expect(await queue.seen(room, 5)).toMatchObject({ position: 2 });
    await queue.tick();
    expect(await world.standing(room)).toMatchObject({ waiting: 3, waiting_entries: 3 });
    expect(await states(3, 4, 5, 6)).toBe('WEWW');
  });

  it('is found in the course of several ticks however long the line is', async () => {
    const patient = world.instance({ SWEEP_WAITERS_MAX: 10 });
    await patient.joined(room, ...Array.from({ length: 37 }, (_, index) => index + 1));
    await world.letTimePass(room, 60);
    for (let ticks = 0; ticks < 4; ticks += 1) {
      await patient.tick();
      await world.letTimePass(room, 1);
    }
    expect(await world.standing(room)).toMatchObject({ waiting: 0, waiting_entries: 0 });
  });

  it('gets a new place at the end when he comes back', async () => {
    await queue.joined(room, 1, 2, 3, 4);
    await world.letTimePass(room, 40);
    await queue.poll(room, 4);
    await world.letTimePass(room, 40);
    const [again] = await queue.joined(room, 3);
    expect(again).toMatchObject({ state: 'WAITING', position: 2 });
    expect(await world.standing(room)).toMatchObject({ waiting: 2, waiting_entries: 2 });
  });

  it('keeps his place by polling, while others lapse', async () => {
    await queue.setPolicy(room, { activeSeconds: 600 });
    await queue.joined(room, 1, 2, 3, 4);
    for (let polls = 0; polls < 5; polls += 1) {
      await world.letTimePass(room, 19);
      await queue.poll(room, 3);
      await queue.tick();
    }
    expect(await states(3, 4)).toBe('WE');
  });

  it('is written down as seen only after a quarter of the grace time', async () => {
    await queue.setPolicy(room, { graceSeconds: 600 });
    await queue.joined(room, 1, 2, 3);
    const before = await queue.seen(room, 3);
    await world.letTimePass(room, 90);
    const early = await queue.seen(room, 3);
    expect(Date.parse(early.lapsesAt)).toBe(Date.parse(before.lapsesAt) - 90_000);
    await world.letTimePass(room, 60);
    const late = await queue.seen(room, 3);
    expect(Date.parse(late.lapsesAt)).toBeGreaterThan(Date.parse(early.lapsesAt));
  });

  it('is forgiven when no instance was there to hear him', async () => {
    await queue.joined(room, 1, 2, 3);
    await world.letTimePass(room, 3_600, { attended: false });
    expect(await states(3)).toBe('W');
    await queue.tick();
    expect(await states(1, 2, 3)).toBe('EEA');
  });

  it('is safe to mark while the line moves over him', async () => {
    await queue.joined(room, ...Array.from({ length: 60 }, (_, index) => index + 1));
    await world.letTimePass(room, 30);
    const users = Array.from({ length: 58 }, (_, index) => index + 3);
    const other = world.instance();
    await Promise.all([
      ...users.map((userId) => other.poll(room, userId, ...users)),
      queue.setPolicy(room, { activeCap: 30 }),
      queue.tick(),
      queue.leave(room, 1, 2),
    ]);
    const standing = await world.standing(room);
    expect(standing).toEqual({
      waiting: standing.waiting_entries,
      active: 30,
      waiting_entries: 28,
      active_entries: 30,
    });
  });
});

describe('a payment', () => {
  it('uses the entry up once, and its capacity goes to the head of the line', async () => {
    const [first] = await queue.joined(room, 1, 2, 3, 4);
    const entryId = first?.entryId ?? 0;
    const outcomes = await queue.use(entryId, entryId);
    expect(outcomes).toEqual([
      { ok: true, value: {} },
      { ok: true, value: {} },
    ]);
    expect(await queue.use(entryId)).toEqual([{ ok: true, value: {} }]);
    expect(await states(1, 2, 3, 4)).toBe('UAAW');
    expect(queue.announcements.ended).toEqual([
      { entryId, roomId: room, userId: 1, state: 'USED' },
    ]);
  });

  it('is recorded also when the time ran out meanwhile, swept or not', async () => {
    const [swept, unswept] = await queue.joined(room, 1, 2);
    await world.letTimePass(room, 100);
    await queue.use(unswept?.entryId ?? 0);
    await queue.tick();
    await queue.use(swept?.entryId ?? 0);
    expect(await states(1, 2)).toBe('UU');
    expect(await world.standing(room)).toMatchObject({ active: 0, active_entries: 0 });
    expect(queue.announcements.ended.map(({ userId, state }) => [userId, state])).toEqual(
      expect.arrayContaining([
        [1, 'EXPIRED'],
        [2, 'USED'],
      ]),
    );
    expect(queue.announcements.ended).toHaveLength(2);
  });

  it('changes nothing about an entry its owner left', async () => {
    const [entry] = await queue.joined(room, 1);
    await queue.leave(room, 1);
    expect(await queue.use(entry?.entryId ?? 0)).toEqual([{ ok: true, value: {} }]);
    expect(await states(1)).toBe('L');
  });

  it('is refused for an entry that never was', async () => {
    expect(await queue.use(987_654_321)).toEqual([{ ok: false, refusal: 'QUEUE_ENTRY_NOT_FOUND' }]);
  });
});
