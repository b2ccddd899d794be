import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { HoldSeats, PayloadOf } from '@encore/contracts';
import { afterHold, bestOf, decideHold, decideHolds, type HoldState } from './hold.js';
import { holderKey } from './holder.js';
import type { Schedule } from './schedule.js';

const NOW = new Date('2026-11-20T10:00:00Z');
const CAP = 8;
const LIMITS = {
  maxSeatsHeldPerUser: CAP,
  releasesFree: 3,
  cooldownSeconds: 30,
  cooldownLimitSeconds: 600,
};
const DAY_MS = 86_400_000;

const concert: Schedule = {
  scheduleId: 7,
  concertId: 1,
  concertName: 'Night of Strings',
  startsAt: new Date(NOW.getTime() + 30 * DAY_MS),
  salesOpenAt: new Date(NOW.getTime() - DAY_MS),
  saleOpen: true,
};

function seats(taken: number[] = [], change: Partial<Schedule> = {}): HoldState {
  const all = Array.from({ length: 20 }, (_, index) => index + 1);
  return {
    schedules: new Map([
      [
        7,
        {
          schedule: { ...concert, ...change },
          existing: new Set(all),
          taken: new Set(taken),
          free: all.filter((number) => !taken.includes(number)),
        },
      ],
    ]),
    heldByUser: new Map(),
    releases: new Map(),
  };
}

type Hold = PayloadOf<typeof HoldSeats>;
const numbered = (userId: number, ...seatNumbers: number[]): Hold => ({
  userId,
  scheduleId: 7,
  seats: { seatNumbers },
});
const best = (userId: number, count: number): Hold => ({
  userId,
  scheduleId: 7,
  seats: { bestAvailable: count },
});

describe('choosing the best seats', () => {
  it('takes the lowest neighbours', () => {
    expect(bestOf([1, 3, 4, 6, 7, 8], 3)).toEqual([6, 7, 8]);
    expect(bestOf([2, 3, 4, 5], 3)).toEqual([2, 3, 4]);
  });

  it('takes the lowest seats when no neighbours are left', () => {
    expect(bestOf([1, 3, 5, 7], 2)).toEqual([1, 3]);
  });

  it('takes nothing when fewer seats are free than wanted', () => {
    expect(bestOf([1, 2], 3)).toBeUndefined();
  });

  it('takes neighbours whenever there are any, and always free seats', () => {
    const free = fc
      .uniqueArray(fc.integer({ min: 1, max: 40 }))
      .map((numbers) => numbers.sort((a, b) => a - b));
    fc.assert(
      fc.property(free, fc.integer({ min: 1, max: 6 }), (numbers, count) => {
        const chosen = bestOf(numbers, count);
        if (numbers.length < count) {
          expect(chosen).toBeUndefined();
          return;
        }
        const runs = numbers.filter((first) =>
          Array.from({ length: count }, (_, step) => first + step).every((seat) =>
            numbers.includes(seat),
          ),
        );
        expect(chosen).toHaveLength(count);
        expect(chosen?.every((seat) => numbers.includes(seat))).toBe(true);
        if (runs.length > 0) expect(chosen?.at(-1)).toBe((runs[0] ?? 0) + count - 1);
      }),
    );
  });
});

describe('deciding a hold', () => {
  it('takes every seat that is asked for', () => {
    expect(decideHold(seats([3]), numbered(1, 4, 2), NOW, LIMITS)).toEqual({
      held: { userId: 1, scheduleId: 7, seatNumbers: [4, 2] },
    });
  });

  it('takes none when one is taken, and names the taken ones', () => {
    expect(decideHold(seats([3, 5]), numbered(1, 2, 3, 5), NOW, LIMITS)).toEqual({
      refusal: 'RESERVATION_SEATS_TAKEN',
      detail: { seatNumbers: [3, 5] },
    });
  });

  it('names the seats that do not exist', () => {
    expect(decideHold(seats(), numbered(1, 2, 51), NOW, LIMITS)).toEqual({
      refusal: 'RESERVATION_SEAT_NOT_FOUND',
      detail: { seatNumbers: [51] },
    });
  });

  it('knows no schedule but those of the catalogue', () => {
    const command = { ...numbered(1, 2), scheduleId: 8 };
    expect(decideHold(seats(), command, NOW, LIMITS)).toEqual({
      refusal: 'RESERVATION_SCHEDULE_NOT_FOUND',
    });
  });

  it.each([
    ['the organiser closed the sale', { saleOpen: false }],
    ['the sale has not opened yet', { salesOpenAt: new Date(NOW.getTime() + 1) }],
    ['the concert has begun', { startsAt: NOW }],
  ])('refuses when %s', (_, change) => {
    expect(decideHold(seats([], change), best(1, 1), NOW, LIMITS)).toMatchObject({
      refusal: 'RESERVATION_SALE_CLOSED',
    });
  });

  it('counts the seats a user already holds towards the cap', () => {
    const state = { ...seats(), heldByUser: new Map([[holderKey(1, 7), 6]]) };
    expect(decideHold(state, numbered(1, 1, 2, 3), NOW, LIMITS)).toEqual({
      refusal: 'RESERVATION_SEAT_CAP_REACHED',
      detail: { seatsHeld: 6, maxSeatsHeldPerUser: CAP },
    });
    expect(decideHold(state, numbered(1, 1, 2), NOW, LIMITS)).toHaveProperty('held');
    expect(decideHold(state, numbered(2, 1, 2, 3), NOW, LIMITS)).toHaveProperty('held');
  });

  it('makes who released too often wait, in that schedule alone and only for a while', () => {
    const lastAt = new Date(NOW.getTime() - 9_500);
    const releases = new Map([[holderKey(1, 7), { count: 4, lastAt }]]);
    const state = { ...seats(), releases };
    expect(decideHold(state, numbered(1, 1), NOW, LIMITS)).toEqual({
      refusal: 'RESERVATION_COOLDOWN',
      detail: { retryAfterSeconds: 21 },
    });
    expect(decideHold(state, best(1, 1), NOW, LIMITS)).toHaveProperty('refusal');
    expect(decideHold(state, numbered(2, 1), NOW, LIMITS)).toHaveProperty('held');
    const later = new Date(lastAt.getTime() + 30_000);
    expect(decideHold(state, numbered(1, 1), later, LIMITS)).toHaveProperty('held');
    const elsewhere = { ...state, releases: new Map([[holderKey(1, 8), { count: 4, lastAt }]]) };
    expect(decideHold(elsewhere, numbered(1, 1), NOW, LIMITS)).toHaveProperty('held');
  });

  it('tells how many seats are left when they are not enough', () => {
    const taken = Array.from({ length: 18 }, (_, index) => index + 1);
    expect(decideHold(seats(taken), best(1, 3), NOW, LIMITS)).toEqual({
      refusal: 'RESERVATION_NOT_ENOUGH_SEATS',
      detail: { seatsLeft: 2 },
    });
  });
});

describe('deciding a batch of holds', () => {
  const command: fc.Arbitrary<Hold> = fc.oneof(
    fc
      .tuple(
        fc.integer({ min: 1, max: 6 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 22 }), { minLength: 1, maxLength: 5 }),
      )
      .map(([userId, numbers]) => numbered(userId, ...numbers)),
    fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))
      .map(([userId, count]) => best(userId, count)),
  );

  it('gives no seat to two people and nobody more than the cap', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const decisions = decideHolds(seats([3, 9]), commands, NOW, LIMITS);
        const held = decisions.flatMap((decision) => ('held' in decision ? [decision.held] : []));
        const numbers = held.flatMap(({ seatNumbers }) => seatNumbers);
        expect(new Set(numbers).size).toBe(numbers.length);
        expect(numbers).not.toContain(3);
        for (let userId = 1; userId <= 6; userId += 1) {
          const own = held.filter((hold) => hold.userId === userId);
          expect(own.flatMap(({ seatNumbers }) => seatNumbers).length).toBeLessThanOrEqual(CAP);
        }
      }),
    );
  });

  it('decides every command as if those before it had been batches of their own', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), fc.nat(30), (commands, cut) => {
        const first = decideHolds(seats([3]), commands.slice(0, cut), NOW, LIMITS);
        const state = first.reduce(
          (between, decision) => ('held' in decision ? afterHold(between, decision.held) : between),
          seats([3]),
        );
        const second = decideHolds(state, commands.slice(cut), NOW, LIMITS);
        expect([...first, ...second]).toEqual(decideHolds(seats([3]), commands, NOW, LIMITS));
      }),
    );
  });
});
