import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { valueOf, type QueueInstance } from '../queue-instance.fixture.js';
import { QueueWorld } from '../queue-world.fixture.js';

let world: QueueWorld;
let queue: QueueInstance;
let rooms = 0;
let room = '';

beforeAll(async () => {
  world = await QueueWorld.open();
  queue = world.instance();
});
afterAll(() => world.close());
beforeEach(async () => {
  rooms += 1;
  room = `room-${rooms}`;
  await queue.setPolicy(room, { activeCap: 2 });
});

describe('a place in a waiting room', () => {
  it('lets a single person straight through the default room', async () => {
    const [entry] = await queue.joined('default', 1);
    expect(entry).toMatchObject({ state: 'ACTIVE', position: 0, estimatedWaitSeconds: 0 });
    expect(entry?.activeUntil).toBe(entry?.lapsesAt);
  });

  it('follows the order of arrival, within one batch too', async () => {
    const entries = await queue.joined(room, 30, 10, 20, 40);
    expect(entries.map(({ userId, state, position }) => [userId, state, position])).toEqual([
      [30, 'ACTIVE', 0],
      [10, 'ACTIVE', 0],
      [20, 'WAITING', 1],
      [40, 'WAITING', 2],
    ]);
  });

  it('is the same one when asked for again, in the same batch and later', async () => {
    const [first, second] = await queue.joined(room, 7, 7);
    expect(second).toEqual(first);
    const [again] = await queue.joined(room, 7);
    expect(again?.entryId).toBe(first?.entryId);
    expect(await world.standing(room)).toMatchObject({ active: 1, active_entries: 1 });
  });

  it('stays one place when one person asks a thousand times on three instances', async () => {
    const instances = [queue, world.instance(), world.instance()];
    const batch = Array<number>(10).fill(9);
    const answers = await Promise.all(
      instances.flatMap((instance) =>
        Array.from({ length: 34 }, () => instance.joined(room, ...batch)),
      ),
    );
    const entries = answers.flat();
    expect(entries).toHaveLength(1_020);
    expect(new Set(entries.map((entry) => entry.entryId)).size).toBe(1);
  });

  it('is refused in a room that does not exist', async () => {
    const [refusal] = await queue.join('nowhere', 1);
    expect(refusal).toEqual({ ok: false, refusal: 'QUEUE_ROOM_NOT_FOUND' });
    expect((await queue.leave('nowhere', 1))[0]).toEqual(refusal);
    expect((await queue.poll('nowhere', 1))[0]).toEqual(refusal);
  });

  it('is taken anew by whoever tells of the payment that used the old one up', async () => {
    const [first] = await queue.joined(room, 1);
    const { entryId = 0 } = first ?? {};
    const payer = { roomId: room, userId: 1 };
    const usedUp = { entryId, paymentId: 41 };
    const [again, twice] = await queue.joinAs([
      { ...payer, usedUp },
      { ...payer, usedUp: null },
    ]);
    expect(valueOf(again)).toMatchObject({ state: 'ACTIVE', entryId: entryId + 1 });
    expect(twice).toEqual(again);
    expect(queue.announcements.ended).toContainEqual(
      expect.objectContaining({ entryId, state: 'USED' }),
    );
    // The payment's own word of it changes nothing more, nor does telling again.
    await queue.use(entryId);
    const [third] = await queue.joinAs([{ ...payer, usedUp }]);
    expect(valueOf(third).entryId).toBe(entryId + 1);
    expect(await world.standing(room)).toMatchObject({ active: 1, active_entries: 1 });
  });

  it('cannot be ended in the name of another', async () => {
    const [other] = await queue.joined(room, 2);
    const usedUp = { entryId: other?.entryId ?? 0, paymentId: 41 };
    await queue.joinAs([{ roomId: room, userId: 1, usedUp }]);
    const { entryId, state } = other ?? {};
    expect(await queue.joined(room, 2)).toMatchObject([{ entryId, state }]);
  });

  it('is taken anew at the end of the line after the old one ended', async () => {
    await queue.joined(room, 1, 2, 3, 4);
    await queue.leave(room, 3);
    const [again] = await queue.joined(room, 3);
    expect(again).toMatchObject({ state: 'WAITING', position: 2 });
  });
});

describe('leaving', () => {
  it('gives the capacity to the head of the line before the answer', async () => {
    await queue.joined(room, 1, 2, 3, 4);
    const [left] = await queue.leave(room, 1);
    expect(valueOf(left)).toMatchObject({ userId: 1, state: 'LEFT', position: 0 });
    expect(await queue.seen(room, 3)).toMatchObject({ state: 'ACTIVE' });
    expect(await queue.seen(room, 4)).toMatchObject({ state: 'WAITING', position: 1 });
  });

  it('moves up those behind a waiter who leaves', async () => {
    await queue.joined(room, 1, 2, 3, 4, 5);
    await queue.leave(room, 3);
    expect(await queue.seen(room, 5)).toMatchObject({ position: 2, positionIsExact: true });
    expect(await world.standing(room)).toMatchObject({ waiting: 2, waiting_entries: 2 });
  });

  it('is refused to whoever has no live place, and the second time', async () => {
    await queue.joined(room, 1);
    const [first, second] = await queue.leave(room, 1, 1);
    expect(first?.ok).toBe(true);
    expect(second).toEqual({ ok: false, refusal: 'QUEUE_ENTRY_NOT_FOUND' });
    expect((await queue.leave(room, 1, 99)).map((outcome) => outcome.ok)).toEqual([false, false]);
  });

  it('leaves other rooms alone', async () => {
    await queue.setPolicy('bystander', { activeCap: 1 });
    const before = await queue.joined('bystander', 1, 2);
    await queue.joined(room, 1, 2);
    await queue.leave(room, 1, 2);
    const now = (await queue.poll('bystander', 1, 2)).map(valueOf);
    expect(now.map(({ state }) => state)).toEqual(before.map(({ state }) => state));
  });
});

describe('polling', () => {
  it('shows the latest entry, live or ended', async () => {
    const [entry] = await queue.joined(room, 1);
    await queue.leave(room, 1);
    expect(await queue.seen(room, 1)).toMatchObject({ entryId: entry?.entryId, state: 'LEFT' });
    const [again] = await queue.joined(room, 1);
    expect(await queue.seen(room, 1)).toMatchObject({ entryId: again?.entryId, state: 'ACTIVE' });
  });

  it('is refused to whoever never joined', async () => {
    const [outcome] = await queue.poll(room, 5);
    expect(outcome).toEqual({ ok: false, refusal: 'QUEUE_ENTRY_NOT_FOUND' });
  });

  it('counts positions near the head and declares the others approximate', async () => {
    const nearsighted = world.instance({ EXACT_POSITIONS_MAX: 10 });
    const users = Array.from({ length: 42 }, (_, index) => index + 1);
    const entries = await nearsighted.joined(room, ...users);
    expect(entries[11]).toMatchObject({ position: 10, positionIsExact: true });
    expect(entries[12]).toMatchObject({ position: 11, positionIsExact: false });
    expect(entries[41]).toMatchObject({ position: 40, positionIsExact: false });
    const far = entries.at(-1);
    expect(far?.nextPollMs).toBeGreaterThanOrEqual(1_390);
    expect(far?.nextPollMs).toBeLessThanOrEqual(1_740);
  });

  it('knows no estimate at first and then takes it from the admissions measured', async () => {
    await queue.setPolicy(room, { activeCap: 10, admissionsPerSecond: 2 });
    const [, , third] = await queue.joined(room, 1, 2, 3, 4, 5, 6, 7, 8);
    expect(third).toMatchObject({ state: 'WAITING', estimatedWaitSeconds: null });
    await world.letTimePass(room, 5);
    await queue.tick();
    await world.letTimePass(room, 20);
    const head = await queue.seen(room, 5);
    const last = await world.instance().seen(room, 8);
    expect(head).toMatchObject({ state: 'WAITING', position: 1 });
    expect(last).toMatchObject({ position: 4 });
    expect(head.estimatedWaitSeconds).toBeGreaterThan(0);
    expect(last.estimatedWaitSeconds).toBeGreaterThan(head.estimatedWaitSeconds ?? Infinity);
    expect((await queue.room(room)).admissionsPerSecondMeasured).toBeGreaterThan(0);
  });
});
