import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { QueueInstance } from '../queue-instance.fixture.js';
import { QueueWorld } from '../queue-world.fixture.js';

const CAP = 3;
const GRACE_SECONDS = 60;
const PEOPLE = 12;

let world: QueueWorld;
let instances: QueueInstance[];

beforeAll(async () => {
  world = await QueueWorld.open();
  instances = [world.instance(), world.instance(), world.instance()];
});
afterAll(() => world.close());

type Act =
  | { readonly kind: 'join' | 'leave' | 'poll' | 'use'; readonly users: number[] }
  | { readonly kind: 'tick' };

type Step =
  | { readonly kind: 'acts'; readonly acts: Act[] }
  | { readonly kind: 'time'; readonly seconds: number };

const users = fc.uniqueArray(fc.integer({ min: 1, max: PEOPLE }), { minLength: 1, maxLength: 6 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('join' as const), users }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('leave', 'poll', 'use'), users }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'tick' as const }) },
);
/** What happens at the same time on different instances, or the passing of time. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .array(act, { minLength: 1, maxLength: 3 })
      .map((acts): Step => ({ kind: 'acts', acts })),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 90 }).map((seconds): Step => ({ kind: 'time', seconds })),
  },
);

async function perform(one: Act, instance: QueueInstance, room: string): Promise<void> {
  switch (one.kind) {
    case 'join':
      await instance.join(room, ...one.users);
      return;
    case 'leave':
      await instance.leave(room, ...one.users);
      return;
    case 'poll':
      await instance.poll(room, ...one.users);
      return;
    case 'use': {
      const outcomes = await instance.poll(room, ...one.users);
      const active = outcomes.flatMap((outcome) =>
        outcome.ok && outcome.value.state === 'ACTIVE' ? [outcome.value.entryId] : [],
      );
      await instance.use(...active);
      return;
    }
    case 'tick':
      await instance.tick();
  }
}

function instanceAt(index: number): QueueInstance {
  const instance = instances[index % instances.length];
  if (instance === undefined) throw new Error('there is no instance');
  return instance;
}

/** How often the runs met what they are meant to meet: a property of nothing proves nothing. */
const met = { admitted: 0, waitedFirst: 0, expired: 0, atCap: 0 };

async function checkRoom(room: string): Promise<void> {
  const standing = await world.standing(room);
  expect(standing.active).toBe(standing.active_entries);
  expect(standing.waiting).toBe(standing.waiting_entries);
  expect(standing.active).toBeLessThanOrEqual(CAP);
  if (standing.active === CAP) met.atCap += 1;
  const places = await world.placesInOrderOfAdmission(room);
  expect(places).toEqual(places.toSorted((left, right) => left - right));
}

/**
 * Nobody waits beside free capacity, and nobody who was let in stands behind somebody who waits.
 */
async function checkLine(room: string): Promise<void> {
  const { active, waiting } = await world.standing(room);
  if (waiting > 0) expect(active).toBe(CAP);
  const people = Array.from({ length: PEOPLE }, (_, index) => index + 1);
  const entries = await world.entries(room, people);
  const waitingPlaces = entries.flatMap((entry) => (entry.state === 'WAITING' ? entry.place : []));
  const admitted = await world.placesInOrderOfAdmission(room);
  expect(Math.max(0, ...admitted)).toBeLessThan(Math.min(Infinity, ...waitingPlaces));
}

describe('fairness', () => {
  it('holds for any interleaving of joins, leaves, polls, payments, ticks and time', async () => {
    let rooms = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        rooms += 1;
        const room = `fair-${rooms}`;
        const first = instanceAt(0);
        await first.setPolicy(room, {
          activeCap: CAP,
          admissionsPerSecond: 10_000,
          activeSeconds: 100,
          graceSeconds: GRACE_SECONDS,
        });
        await world.letTimePass(room, 3_600);
        for (const one of steps) {
          if (one.kind === 'time') {
            await world.letTimePass(room, one.seconds);
            continue;
          }
          await Promise.all(
            one.acts.map((doing, index) => perform(doing, instanceAt(index), room)),
          );
          await checkRoom(room);
        }
        await first.tick();
        await world.letTimePass(room, 1);
        await first.tick();
        await checkRoom(room);
        await checkLine(room);
      }),
      { numRuns: 40 },
    );
    met.admitted = instances.reduce((sum, one) => sum + one.announcements.admitted.length, 0);
    met.expired = instances
      .flatMap((one) => one.announcements.ended)
      .filter(({ state }) => state === 'EXPIRED').length;
    met.waitedFirst = await world.countAdmittedAfterWaiting();
    for (const [what, times] of Object.entries(met))
      expect([what, times > 0]).toEqual([what, true]);
  }, 120_000);
});
