import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { HoldSeats, PayloadOf } from '@encore/contracts';
import fc from 'fast-check';
import {
  brokenPromises,
  openReservations,
  schedule,
  valueOf,
  type ReservationInstance,
} from '../reservation.fixture.js';

type Hold = PayloadOf<typeof HoldSeats>;

let service: ReservationInstance;
let another: () => ReservationInstance;
let close: () => Promise<void>;
let nextScheduleId = 1;

beforeAll(async () => {
  ({ instance: service, another, close } = await openReservations());
});
afterEach(async () => {
  expect(await brokenPromises(service.database)).toEqual([]);
});
afterAll(() => close());

async function published(seatCount = 50): Promise<number> {
  const scheduleId = nextScheduleId;
  nextScheduleId += 1;
  await service.publish(schedule(scheduleId, { seatCount }));
  return scheduleId;
}

function numbered(userId: number, scheduleId: number, ...seatNumbers: number[]): Hold {
  return { userId, scheduleId, seats: { seatNumbers } };
}

describe('holding seats', () => {
  it('holds every seat at its price, for the hold’s time', async () => {
    const scheduleId = await published();
    const [outcome] = await service.hold(numbered(1, scheduleId, 8, 7));
    const view = valueOf(outcome);
    expect(view).toMatchObject({
      userId: 1,
      scheduleId,
      concertName: 'Night of Strings',
      state: 'HELD',
      amountKrw: 20_000,
      seats: [
        { seatNumber: 7, priceKrw: 10_000, cancelled: false },
        { seatNumber: 8, priceKrw: 10_000, cancelled: false },
      ],
    });
    const heldMs = Date.parse(view.expiresAt ?? '') - Date.parse(view.createdAt);
    expect(heldMs).toBe(300_000);
    expect(await service.view(view.reservationId)).toEqual(view);
  });

  it('tells who comes second which seats are taken, and holds none of the others', async () => {
    const scheduleId = await published();
    await service.held(1, scheduleId, 1, 2);
    const [outcome] = await service.hold(numbered(2, scheduleId, 2, 3));
    expect(outcome).toEqual({
      ok: false,
      refusal: 'RESERVATION_SEATS_TAKEN',
      detail: { seatNumbers: [2] },
    });
    await expect(service.held(3, scheduleId, 3)).resolves.toBeGreaterThan(0);
  });

  it('chooses neighbours when asked for the best', async () => {
    const scheduleId = await published();
    await service.held(1, scheduleId, 2, 5);
    const [outcome] = await service.hold({ userId: 2, scheduleId, seats: { bestAvailable: 3 } });
    expect(valueOf(outcome).seats.map((seat) => seat.seatNumber)).toEqual([6, 7, 8]);
  });

  it('answers every command of a batch in its place, refusals beside holds', async () => {
    const scheduleId = await published();
    const outcomes = await service.hold(
      numbered(1, scheduleId, 1),
      numbered(2, scheduleId, 1),
      numbered(3, scheduleId, 99_999),
      numbered(4, 999_999, 1),
      numbered(5, scheduleId, 2),
    );
    expect(
      outcomes.map((outcome) => (outcome.ok ? outcome.value.userId : outcome.refusal)),
    ).toEqual([
      1,
      'RESERVATION_SEATS_TAKEN',
      'RESERVATION_SEAT_NOT_FOUND',
      'RESERVATION_SCHEDULE_NOT_FOUND',
      5,
    ]);
  });

  it('caps the seats a user holds in one schedule, and only there', async () => {
    const scheduleId = await published();
    const elsewhere = await published();
    const first = await service.held(1, scheduleId, 1, 2, 3, 4, 5, 6);
    await service.pin(1, first, 1_001);
    const [tooMany] = await service.hold(numbered(1, scheduleId, 7, 8, 9));
    expect(tooMany).toMatchObject({ refusal: 'RESERVATION_SEAT_CAP_REACHED' });
    await service.held(1, elsewhere, 7, 8, 9);
    await service.held(1, scheduleId, 7, 8);
    await service.confirm(first, 1_001, 60_000);
    await service.held(1, scheduleId, 9, 10, 11);
  });

  it('keeps the price of a hold when the catalogue changes', async () => {
    const scheduleId = await published();
    const reservationId = await service.held(1, scheduleId, 1);
    const dearer = schedule(scheduleId, { version: 2, saleOpen: false });
    const seats = dearer.seats.map((seat) => ({ ...seat, priceKrw: 99_000 }));
    await service.publish({ ...dearer, seats });
    expect(await service.view(reservationId)).toMatchObject({ amountKrw: 10_000 });
    expect(await service.hold(numbered(2, scheduleId, 2))).toMatchObject([
      { refusal: 'RESERVATION_SALE_CLOSED' },
    ]);
  });

  it('keeps the highest version of the catalogue, in whatever order versions come', async () => {
    const scheduleId = await published();
    await service.publish(
      schedule(scheduleId, { version: 3, concertName: 'third' }),
      schedule(scheduleId, { version: 2, concertName: 'second' }),
    );
    await service.publish(schedule(scheduleId, { version: 2, concertName: 'second' }));
    const reservationId = await service.held(1, scheduleId, 1);
    expect(await service.view(reservationId)).toMatchObject({ concertName: 'third' });
  });
});

describe('many buyers at once, at several instances', () => {
  it('sells 50 seats to 50 of 200 and tells the other 150', async () => {
    const scheduleId = await published();
    const untouched = await published();
    const bystander = await service.held(9_999, untouched, 1);
    const instances = [another(), another(), another(), another()];
    const buyers = Array.from({ length: 200 }, (_, index) => index + 1);
    const outcomes = await Promise.all(
      buyers.map((userId) => {
        const instance = instances[userId % instances.length] ?? service;
        return instance.hold(numbered(userId, scheduleId, 1 + (userId % 50)));
      }),
    );
    const all = outcomes.flat();
    expect(all.filter((outcome) => outcome.ok)).toHaveLength(50);
    const refusals = all.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal]));
    expect(refusals).toEqual(Array.from({ length: 150 }, () => 'RESERVATION_SEATS_TAKEN'));
    const events = instances.flatMap(({ announcements }) => announcements.all);
    expect(Math.min(...events.map(({ seatsLeft }) => seatsLeft))).toBe(0);
    expect(await service.view(bystander)).toMatchObject({ state: 'HELD' });
  });

  it('lets one of [A, B] and [B, A] win wholly, every time', async () => {
    const scheduleId = await published();
    const instances = [another(), another()] as const;
    for (let round = 0; round < 20; round += 1) {
      const [a, b] = [2 * round + 1, 2 * round + 2];
      const outcomes = await Promise.all([
        instances[0].hold(numbered(2 * round + 1, scheduleId, a, b)),
        instances[1].hold(numbered(2 * round + 2, scheduleId, b, a)),
      ]);
      expect(outcomes.flat().filter((outcome) => outcome.ok)).toHaveLength(1);
      const loser = outcomes.flat().find((outcome) => !outcome.ok);
      expect(loser).toMatchObject({ refusal: 'RESERVATION_SEATS_TAKEN' });
    }
  });

  it('locks crossing batches over several schedules without a deadlock', async () => {
    const ids = [await published(), await published(), await published()];
    const instances = [another(), another()];
    const rounds = Array.from({ length: 40 }, (_, round) => {
      const order = round % 2 === 0 ? ids : ids.toReversed();
      return (instances[round % 2] ?? service).hold(
        ...order.map((id) => numbered(round + 1, id, round + 1)),
      );
    });
    const outcomes = (await Promise.all(rounds)).flat();
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
  });

  it('announces versions without gaps, and the last one tells the seats that are left', async () => {
    const scheduleId = await published();
    const instances = [another(), another(), another()];
    await Promise.all(
      Array.from({ length: 45 }, async (_, index) => {
        const instance = instances[index % 3] ?? service;
        const userId = index + 1;
        const reservationId = await instance.held(userId, scheduleId, index + 1);
        if (index % 3 === 0) await instance.cancel(userId, reservationId);
        if (index % 3 === 1) await instance.pin(userId, reservationId, scheduleId * 1_000 + index);
      }),
    );
    const events = [service, ...instances]
      .flatMap(({ announcements }) => announcements.all)
      .filter((event) => event.scheduleId === scheduleId)
      .sort((a, b) => a.version - b.version);
    expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.seatsLeft).toBe(50 - 30);
  });
});

describe('a hold whose time is over', () => {
  it('gives its seats to the next buyer at once, with no sweeper, and reads EXPIRED', async () => {
    const scheduleId = await published();
    const old = await service.held(1, scheduleId, 1, 2);
    await service.lapse(old);
    expect(await service.view(old)).toMatchObject({ state: 'EXPIRED', expiresAt: null });
    const next = await service.held(2, scheduleId, 2);
    expect(await service.view(old)).toMatchObject({ state: 'EXPIRED' });
    expect(await service.view(next)).toMatchObject({ state: 'HELD' });
    expect(service.announcements.all.at(-1)).toMatchObject({
      seatsLeft: 49,
      seats: [
        { seatNumber: 1, status: 'FREE', heldUntil: null },
        { seatNumber: 2, status: 'HELD' },
      ],
    });
  });

  it('no longer counts towards the cap', async () => {
    const scheduleId = await published();
    const old = await service.held(1, scheduleId, 1, 2, 3, 4, 5, 6, 7, 8);
    await service.lapse(old);
    await expect(service.held(1, scheduleId, 1, 9)).resolves.toBeGreaterThan(old);
  });

  it('cannot be paid, extended or cancelled any more', async () => {
    const scheduleId = await published();
    const old = await service.held(1, scheduleId, 1);
    await service.lapse(old);
    expect(await service.pin(1, old, 2_001)).toMatchObject({ refusal: 'RESERVATION_EXPIRED' });
    expect(await service.cancel(1, old)).toMatchObject({ refusal: 'RESERVATION_EXPIRED' });
    expect(await service.extend(1, old)).toMatchObject({ refusal: 'RESERVATION_NOT_HELD' });
  });

  it('is taken over by exactly one of many', async () => {
    const scheduleId = await published(1);
    const instances = [another(), another(), another()];
    const old = await service.held(999, scheduleId, 1);
    await service.lapse(old);
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        (instances[index % 3] ?? service).hold(numbered(index + 1, scheduleId, 1)),
      ),
    );
    expect(outcomes.flat().filter((outcome) => outcome.ok)).toHaveLength(1);
  });
});

describe('any sequence of holds', () => {
  const wish = fc.oneof(
    fc
      .uniqueArray(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 4 })
      .map((seatNumbers) => ({ seatNumbers })),
    fc.integer({ min: 1, max: 4 }).map((bestAvailable) => ({ bestAvailable })),
  );
  const command = fc.record({ userId: fc.integer({ min: 1, max: 4 }), seats: wish });

  it('comes out the same in batches as one by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 12, maxLength: 12 }),
        async (commands, sizes) => {
          const alone = await published(12);
          const batched = await published(12);
          const oneByOne = [];
          for (const each of commands) {
            oneByOne.push(...(await service.hold({ ...each, scheduleId: alone })));
          }
          const inBatches = [];
          for (let from = 0; from < commands.length;) {
            const size = sizes[inBatches.length] ?? 1;
            const batch = commands.slice(from, from + size);
            const outcomes = batch.map((each) => ({ ...each, scheduleId: batched }));
            inBatches.push(...(await service.hold(...outcomes)));
            from += size;
          }
          expect(inBatches.map(essence)).toEqual(oneByOne.map(essence));
        },
      ),
      { numRuns: 25 },
    );
  });

  function essence(outcome: Awaited<ReturnType<ReservationInstance['hold']>>[number]) {
    return outcome.ok
      ? { userId: outcome.value.userId, seats: outcome.value.seats.map((seat) => seat.seatNumber) }
      : { refusal: outcome.refusal, detail: outcome.detail };
  }
});
