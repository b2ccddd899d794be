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
beforeEach(() => {
  rooms += 1;
  room = `room-${rooms}`;
});

async function states(...userIds: number[]): Promise<string> {
  const entries = (await queue.poll(room, ...userIds)).map(valueOf);
  return entries.map((entry) => entry.state[0]).join('');
}

describe('the cap', () => {
  it('holds while four instances admit, and everybody gets in by place', async () => {
    await queue.setPolicy(room, { activeCap: 10, admissionsPerSecond: 10_000 });
    const instances = [queue, world.instance(), world.instance(), world.instance()];
    let most = 0;
    let samples = 0;
    const finished = new AbortController();
    const sampling = (async () => {
      while (!finished.signal.aborted) {
        const { active, active_entries } = await world.standing(room);
        expect(active).toBe(active_entries);
        most = Math.max(most, active_entries);
        samples += 1;
      }
    })();
    const users = Array.from({ length: 200 }, (_, index) => index + 1);
    await Promise.all(
      users.map(async (userId) => {
        const instance = instances[userId % 4] ?? queue;
        const [entry] = await instance.joined(room, userId);
        if (entry?.state === 'ACTIVE') await instance.use(entry.entryId);
      }),
    );
    for (let rounds = 0; (await queue.room(room)).waiting > 0; rounds += 1) {
      expect(rounds).toBeLessThan(300);
      const entries = (await queue.poll(room, ...users)).map(valueOf);
      const active = entries.filter((entry) => entry.state === 'ACTIVE');
      await Promise.all(
        instances.map((instance, index) => {
          const own = active.filter((_, turn) => turn % instances.length === index);
          return instance.use(...own.map((entry) => entry.entryId));
        }),
      );
    }
    finished.abort();
    await sampling;
    expect(samples).toBeGreaterThan(5);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(10);
    const places = await world.placesInOrderOfAdmission(room);
    expect(places).toHaveLength(200);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  }, 60_000);

  it('gives a freed slot to the head of the line and not to a newcomer', async () => {
    await queue.setPolicy(room, { activeCap: 1 });
    const [first] = await queue.joined(room, 1, 2, 3);
    const other = world.instance();
    const [, newcomer] = await Promise.all([queue.use(first?.entryId ?? 0), other.joined(room, 4)]);
    expect(newcomer[0]?.state).toBe('WAITING');
    expect(await states(1, 2, 3, 4)).toBe('UAWW');
  });

  it('gives a freed slot to the head of a line of a thousand', async () => {
    await queue.setPolicy(room, { activeCap: 1 });
    await queue.joined(room, ...Array.from({ length: 1_000 }, (_, index) => index + 1));
    await queue.leave(room, 1);
    expect(await states(2, 3, 1_000)).toBe('AWW');
    await queue.leave(room, 2, 3, 4);
    expect(await states(5, 6, 1_000)).toBe('AWW');
  });

  it('admits at once when it is raised, and nobody until it is reached when lowered', async () => {
    await queue.setPolicy(room, { activeCap: 1 });
    await queue.joined(room, 1, 2, 3, 4);
    expect(valueOf(await queue.setPolicy(room, { activeCap: 3 }))).toMatchObject({
      active: 3,
      waiting: 1,
    });
    await queue.setPolicy(room, { activeCap: 1 });
    await queue.leave(room, 1, 2);
    expect(await states(3, 4)).toBe('AW');
    await queue.leave(room, 3);
    expect(await states(4)).toBe('A');
  });
});

describe('the rate', () => {
  it('lets through a burst of one second, then as time passes', async () => {
    // One in 200 seconds: the test itself takes some time, which counts too.
    await queue.setPolicy(room, { admissionsPerSecond: 0.005, graceSeconds: 600 });
    await queue.joined(room, 1, 2, 3);
    await queue.tick();
    expect(await states(1, 2, 3)).toBe('AWW');
    await world.letTimePass(room, 140);
    await queue.tick();
    expect(await states(2, 3)).toBe('WW');
    await world.letTimePass(room, 60);
    await Promise.all([queue.tick(), world.instance().tick()]);
    expect(await states(2, 3)).toBe('AW');
  });

  it('holds for several instances together', async () => {
    await queue.setPolicy(room, { admissionsPerSecond: 0.005, graceSeconds: 600 });
    const instances = [queue, world.instance(), world.instance()];
    await Promise.all(instances.map((one, index) => one.join(room, 10 + index, 20 + index)));
    expect(await queue.room(room)).toMatchObject({ active: 1, waiting: 5 });
    await world.letTimePass(room, 200);
    await Promise.all(instances.map((one) => one.tick()));
    expect(await queue.room(room)).toMatchObject({ active: 2, waiting: 4 });
  });
});

describe('pause and drain', () => {
  it('lets people join a paused room and nobody in, until it goes on', async () => {
    await queue.setPolicy(room, { paused: true });
    await queue.joined(room, 1, 2);
    await queue.tick();
    expect(await states(1, 2)).toBe('WW');
    await queue.setPolicy(room, { paused: false });
    expect(await states(1, 2)).toBe('AA');
  });

  it('refuses newcomers in a draining room and serves those inside', async () => {
    await queue.setPolicy(room, { activeCap: 1 });
    await queue.joined(room, 1, 2);
    await queue.setPolicy(room, { draining: true });
    const outcomes = await queue.join(room, 1, 2, 3);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, true, false]);
    expect(outcomes[2]).toEqual({ ok: false, refusal: 'QUEUE_ROOM_DRAINING' });
    await queue.leave(room, 1);
    expect(await states(2)).toBe('A');
  });
});

describe('a room of one sale', () => {
  it('never has more people active than seats left', async () => {
    await queue.publish(501, 3);
    await queue.setPolicy(room, { scheduleId: 501 });
    await queue.joined(room, 1, 2, 3, 4, 5);
    expect(await states(1, 2, 3, 4, 5)).toBe('AAAWW');
    await queue.changeSeats({ scheduleId: 501, version: 2, seatsLeft: 2 });
    await queue.leave(room, 1);
    expect(await states(2, 3, 4, 5)).toBe('AAWW');
  });

  it('admits at once when a seat comes free', async () => {
    await queue.changeSeats({ scheduleId: 502, version: 4, seatsLeft: 0 });
    await queue.setPolicy(room, { scheduleId: 502 });
    await queue.joined(room, 1, 2);
    await queue.tick();
    expect(await states(1, 2)).toBe('WW');
    await queue.changeSeats({ scheduleId: 502, version: 5, seatsLeft: 1 });
    expect(await states(1, 2)).toBe('AW');
  });

  it('goes by the highest version, whatever order they come in', async () => {
    await queue.publish(503, 10, 2);
    await queue.publish(503, 99, 1);
    await queue.changeSeats(
      { scheduleId: 503, version: 7, seatsLeft: 4 },
      { scheduleId: 503, version: 6, seatsLeft: 9 },
    );
    await queue.changeSeats({ scheduleId: 503, version: 5, seatsLeft: 8 });
    const view = valueOf(await queue.setPolicy(room, { scheduleId: 503 }));
    expect(view.seatsLeft).toBe(4);
    await queue.changeSeats({ scheduleId: 503, version: 8, seatsLeft: 5 });
    expect((await queue.room(room)).seatsLeft).toBe(5);
  });

  it('cannot be a sale nobody has heard of, and then no room is created', async () => {
    const outcome = await queue.setPolicy(room, { scheduleId: 999_999 });
    expect(outcome).toEqual({ ok: false, refusal: 'QUEUE_SCHEDULE_NOT_FOUND' });
    expect((await queue.join(room, 1))[0]).toMatchObject({ refusal: 'QUEUE_ROOM_NOT_FOUND' });
  });

  it('becomes a shared room again when the sale is taken from it', async () => {
    await queue.publish(504, 1);
    await queue.setPolicy(room, { scheduleId: 504 });
    await queue.joined(room, 1, 2);
    expect(await states(1, 2)).toBe('AW');
    const view = valueOf(await queue.setPolicy(room, { scheduleId: null }));
    expect(view).toMatchObject({ seatsLeft: null, active: 2, waiting: 0 });
  });
});

describe('a policy', () => {
  it('keeps the fields a change does not name', async () => {
    await queue.setPolicy(room, { activeCap: 7, graceSeconds: 30 });
    const view = valueOf(await queue.setPolicy(room, { paused: true }));
    expect(view.policy).toEqual({
      activeCap: 7,
      admissionsPerSecond: 100,
      paused: true,
      draining: false,
      activeSeconds: 300,
      graceSeconds: 30,
      scheduleId: null,
    });
    expect(await queue.room(room)).toEqual(view);
    const listed = await queue.listRooms();
    expect(listed.map((one) => one.roomId)).toEqual(listed.map((one) => one.roomId).toSorted());
    expect(listed).toContainEqual(view);
  });

  it('is created once by several instances at the same time', async () => {
    const instances = [queue, world.instance(), world.instance()];
    const views = await Promise.all(instances.map((one) => one.setPolicy(room, { activeCap: 3 })));
    expect(views.map((view) => valueOf(view).policy.activeCap)).toEqual([3, 3, 3]);
  });
});
