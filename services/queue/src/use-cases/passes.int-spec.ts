import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { isGuestId } from '@encore/contracts';
import { valueOf, type QueueInstance } from '../queue-instance.fixture.js';
import { QueueWorld } from '../queue-world.fixture.js';

let world: QueueWorld;
let queue: QueueInstance;
let rooms = 0;
let room = '';

const NOBODYS_UUID = '7d2f3c3e-6c1f-4d7e-9d0e-1f0f3b8c9a55';

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

describe('a pass', () => {
  it('takes a place in line as joining does, and says so', async () => {
    await queue.joined(room, 1, 2, 3);
    const pass = await queue.issued(room, 4);
    expect(pass).toMatchObject({ isGuest: false, entry: { userId: 4, position: 2 } });
    expect(pass.entry).toMatchObject({ state: 'WAITING' });
    expect(await world.standing(room)).toMatchObject({ waiting: 2, waiting_entries: 2 });
  });

  it('is that of the place a person took without one', async () => {
    const [entry] = await queue.joined(room, 1);
    const pass = await queue.issued(room, 1);
    expect(pass.entry.entryId).toBe(entry?.entryId);
    expect((await queue.readPassesOf(room, 1)).map(valueOf)).toMatchObject([
      { tokenId: pass.tokenId, tokenUuid: pass.tokenUuid },
    ]);
  });

  it('is the same one however often and wherever it is asked for at once', async () => {
    const instances = [queue, world.instance(), world.instance()];
    const answers = await Promise.all(
      instances.flatMap((instance) =>
        Array.from({ length: 20 }, () => instance.issue(room, 7, 8, 7)),
      ),
    );
    const passes = answers.flat().map(valueOf);
    const keys = passes.map(({ tokenId, tokenUuid, entry }) =>
      [entry.userId, entry.entryId, tokenId, tokenUuid].join(),
    );
    expect(keys).toHaveLength(180);
    expect(new Set(keys).size).toBe(2);
  });

  it('is a new one for the next place', async () => {
    const first = await queue.issued(room, 1);
    await queue.leave(room, 1);
    const second = await queue.issued(room, 1);
    expect(second.tokenId).not.toBe(first.tokenId);
    expect(second.tokenUuid).not.toBe(first.tokenUuid);
    expect(await queue.shown(first)).toMatchObject({ entry: { state: 'LEFT' } });
    expect(await queue.shown(second)).toMatchObject({ entry: { state: 'ACTIVE' } });
  });

  it('is found by either secret, in capitals too, and by no other', async () => {
    const pass = await queue.issued(room, 1);
    const { tokenId, tokenUuid } = pass;
    const outcomes = await queue.readPasses(
      { tokenId },
      { tokenUuid },
      { tokenUuid: tokenUuid.toUpperCase() },
      { tokenId: tokenId === 1 ? 2 : tokenId - 1 },
      { tokenUuid: NOBODYS_UUID },
    );
    const { entryId } = pass.entry;
    const found = { ok: true, value: { tokenId, tokenUuid, entry: { entryId } } };
    const unknown = { ok: false, refusal: 'QUEUE_PASS_NOT_FOUND' };
    expect(outcomes).toMatchObject([found, found, found, unknown, unknown]);
  });

  it('shows what became of the place: used up, over or left', async () => {
    const used = await queue.issued(room, 1);
    const over = await queue.issued(room, 2);
    const silent = await queue.issued(room, 3);
    const left = await queue.issued(room, 4);
    await queue.leave(room, 4);
    await world.letTimePass(room, 100);
    await queue.use(used.entry.entryId);
    const states = (await queue.readPasses(used, over, silent, left)).map(
      (outcome) => valueOf(outcome).entry.state,
    );
    expect(states).toEqual(['USED', 'EXPIRED', 'EXPIRED', 'LEFT']);
    const latest = await queue.readPassesOf(room, 1, 2, 3, 4);
    expect(latest.map((outcome) => valueOf(outcome).entry.state)).toEqual(states);
  });

  it('keeps the place of a waiter who polls by it', async () => {
    await queue.joined(room, 1, 2);
    const [bySecret, byUser] = [await queue.issued(room, 3), await queue.issued(room, 4)];
    const silent = await queue.issued(room, 5);
    for (let polls = 0; polls < 3; polls += 1) {
      await world.letTimePass(room, 30);
      await queue.shown({ tokenId: bySecret.tokenId });
      await queue.readPassesOf(room, byUser.entry.userId);
    }
    const states = (await queue.readPasses(bySecret, byUser, silent)).map(
      (outcome) => valueOf(outcome).entry.state,
    );
    expect(states).toEqual(['WAITING', 'WAITING', 'EXPIRED']);
  });

  it('is refused where no place can be had, to guests too', async () => {
    const nowhere = { ok: false, refusal: 'QUEUE_ROOM_NOT_FOUND' };
    expect(await queue.issue('nowhere', 1, null)).toEqual([nowhere, nowhere]);
    await queue.issued(room, 1);
    await queue.setPolicy(room, { draining: true });
    const draining = { ok: false, refusal: 'QUEUE_ROOM_DRAINING' };
    const [live, user, guest] = await queue.issue(room, 1, 2, null);
    expect([user, guest]).toEqual([draining, draining]);
    expect(live).toMatchObject({ ok: true });
    expect(await queue.readPassesOf(room, 2)).toEqual([
      { ok: false, refusal: 'QUEUE_ENTRY_NOT_FOUND' },
    ]);
  });

  it('is the only thing that shows its secrets', async () => {
    const pass = await queue.issued(room, 1);
    const guest = await queue.issued(room, null);
    await queue.bind(guest.tokenUuid, 1);
    const said = JSON.stringify([
      await queue.join(room, 1),
      await queue.poll(room, 1),
      await queue.leave(room, 1),
      queue.announcements,
    ]);
    expect(queue.announcements.admitted).toHaveLength(2);
    expect(queue.announcements.ended).toHaveLength(2);
    for (const { tokenId, tokenUuid } of [pass, guest]) {
      expect(said).not.toContain(tokenUuid);
      expect(said).not.toContain(String(tokenId));
    }
  });
});

describe('an entry written by the version before', () => {
  it('has secrets of the same kind', async () => {
    const secrets = await world.writeEntriesWithoutSecrets(room, 400);
    const ids = secrets.map(({ tokenId }) => BigInt(tokenId));
    expect(new Set(ids).size).toBe(400);
    expect(new Set(secrets.map(({ tokenUuid }) => tokenUuid)).size).toBe(400);
    expect(ids.reduce((bits, id) => bits | id, 0n)).toBe(2n ** 53n - 1n);
    expect(ids.reduce((bits, id) => bits & id, 2n ** 53n - 1n)).toBe(0n);
    const outcomes = await queue.readPasses(...secrets.slice(0, 50));
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
  });
});

describe('a guest', () => {
  it('is somebody else every time, with an id no user has', async () => {
    const passes = (await queue.issue(room, null, null, 5, null)).map(valueOf);
    expect(passes.map((pass) => pass.isGuest)).toEqual([true, true, false, true]);
    const guests = passes.filter((pass) => pass.isGuest).map((pass) => pass.entry.userId);
    expect(new Set(guests).size).toBe(3);
    expect(guests.every(isGuestId)).toBe(true);
    expect(await world.standing(room)).toMatchObject({ active: 2, waiting: 2 });
  });

  it('cannot be impersonated by his id', async () => {
    const { entry } = await queue.issued(room, null);
    const reserved = { ok: false, refusal: 'QUEUE_USER_ID_RESERVED' };
    expect(await queue.issue(room, entry.userId)).toEqual([reserved]);
    expect(await queue.bind(NOBODYS_UUID, entry.userId)).toEqual(reserved);
    expect(await queue.readPassesOf(room, entry.userId)).toEqual([
      { ok: false, refusal: 'QUEUE_ENTRY_NOT_FOUND' },
    ]);
  });
});

describe('binding', () => {
  it('makes the place of a guest who waits the place of a user, for good', async () => {
    await queue.joined(room, 1, 2, 3);
    const guest = await queue.issued(room, null);
    await queue.joined(room, 4);
    const bound = valueOf(await queue.bind(guest.tokenUuid, 9));
    const { tokenId, tokenUuid } = guest;
    expect(bound).toMatchObject({ tokenId, tokenUuid, isGuest: false });
    expect(bound.entry).toMatchObject({ userId: 9, state: 'WAITING', position: 2 });
    expect(bound.entry.joinedAt).toBe(guest.entry.joinedAt);
    expect(valueOf(await queue.bind(tokenUuid, 9)).entry.entryId).toBe(bound.entry.entryId);
    expect(await queue.bind(tokenUuid, 10)).toEqual({
      ok: false,
      refusal: 'QUEUE_PASS_OF_ANOTHER',
    });
    const again = await queue.issued(room, 9);
    expect(again).toMatchObject({ tokenId, tokenUuid, entry: { entryId: bound.entry.entryId } });
    expect(await queue.seen(room, 4)).toMatchObject({ position: 3 });
    expect(await world.standing(room)).toMatchObject({ waiting: 3, waiting_entries: 3 });
  });

  it('tells the world that an active guest is an active user now', async () => {
    const guest = await queue.issued(room, null);
    const bound = valueOf(await queue.bind(guest.tokenUuid, 9));
    expect(bound.entry).toMatchObject({
      state: 'ACTIVE',
      userId: 9,
      activeUntil: guest.entry.activeUntil,
    });
    const { ended, admitted } = queue.announcements;
    const { entryId, userId } = guest.entry;
    expect(ended).toEqual([{ entryId, roomId: room, userId, state: 'LEFT' }]);
    expect(admitted.at(-1)).toEqual({
      entryId: bound.entry.entryId,
      roomId: room,
      userId: 9,
      activeUntil: guest.entry.activeUntil,
    });
    expect(await world.standing(room)).toMatchObject({ active: 1, active_entries: 1 });
  });

  it("keeps the user's own place and gives the guest's to the head of the line", async () => {
    const guest = await queue.issued(room, null);
    await queue.joined(room, 1, 2);
    const own = await queue.issued(room, 9);
    const bound = valueOf(await queue.bind(guest.tokenUuid, 9));
    expect(bound).toMatchObject({
      tokenUuid: guest.tokenUuid,
      isGuest: false,
      entry: { entryId: own.entry.entryId, userId: 9, state: 'WAITING', position: 1 },
    });
    expect(await queue.seen(room, 2)).toMatchObject({ state: 'ACTIVE' });
    expect(queue.announcements.ended).toEqual([
      { entryId: guest.entry.entryId, roomId: room, userId: guest.entry.userId, state: 'LEFT' },
    ]);
    expect(await world.standing(room)).toMatchObject({ active: 2, waiting: 1 });

    expect((await queue.shown(guest)).entry.entryId).toBe(own.entry.entryId);
    expect((await queue.shown(own)).entry.entryId).toBe(own.entry.entryId);
    expect(await queue.issued(room, 9)).toMatchObject({ tokenUuid: own.tokenUuid });
    expect(valueOf(await queue.bind(guest.tokenUuid, 9)).entry.entryId).toBe(own.entry.entryId);
    expect(await queue.bind(guest.tokenUuid, 1)).toMatchObject({ ok: false });
    await queue.leave(room, 9);
    expect((await queue.shown(guest)).entry.state).toBe('LEFT');
  });

  it('is no way back into a place of the user that is over', async () => {
    const old = await queue.issued(room, 9);
    await world.letTimePass(room, 100);
    const guest = await queue.issued(room, null);
    const bound = valueOf(await queue.bind(guest.tokenUuid, 9));
    expect(bound.entry).toMatchObject({ userId: 9, state: 'ACTIVE' });
    expect(bound.entry.entryId).not.toBe(old.entry.entryId);
    expect((await queue.shown(old)).entry.state).toBe('EXPIRED');
    expect(await queue.seen(room, 9)).toMatchObject({ entryId: bound.entry.entryId });
    expect(await world.standing(room)).toMatchObject({ active: 1, active_entries: 1 });
  });

  it('leaves a pass that has ended as it is', async () => {
    const guest = await queue.issued(room, null);
    await queue.leave(room, guest.entry.userId);
    expect(valueOf(await queue.bind(guest.tokenUuid, 9))).toMatchObject({
      isGuest: true,
      entry: { entryId: guest.entry.entryId, state: 'LEFT' },
    });
    expect(await queue.poll(room, 9)).toEqual([{ ok: false, refusal: 'QUEUE_ENTRY_NOT_FOUND' }]);
  });

  it('is refused for a pass nobody holds and for the pass of a user', async () => {
    const unknown = { ok: false, refusal: 'QUEUE_PASS_NOT_FOUND' };
    expect(await queue.bind(NOBODYS_UUID, 9)).toEqual(unknown);
    const own = await queue.issued(room, 8);
    expect(await queue.bind(own.tokenUuid, 9)).toMatchObject({ refusal: 'QUEUE_PASS_OF_ANOTHER' });
    expect(valueOf(await queue.bind(own.tokenUuid, 8))).toMatchObject({
      tokenId: own.tokenId,
      entry: { entryId: own.entry.entryId, userId: 8, state: 'ACTIVE' },
    });
  });

  it('has one winner when several users say the pass is theirs at once', async () => {
    const guest = await queue.issued(room, null);
    const instances = [queue, world.instance(), world.instance()];
    const outcomes = await Promise.all(
      [11, 12, 13, 11, 12, 13].map((userId, index) =>
        (instances[index % 3] ?? queue).bind(guest.tokenUuid, userId),
      ),
    );
    const owners = outcomes.flatMap((outcome) => (outcome.ok ? outcome.value.entry.userId : []));
    expect(owners).toHaveLength(2);
    expect(new Set(owners).size).toBe(1);
    expect(await world.standing(room)).toMatchObject({ active: 1, active_entries: 1 });
  });
});
