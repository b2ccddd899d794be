import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PayloadOf, SeatsChanged } from '@encore/contracts';
import fc from 'fast-check';
import { openConcerts, type ConcertInstance } from '../concert.fixture.js';

type Announced = PayloadOf<typeof SeatsChanged>;
type Seat = Announced['seats'][number];

const HOUR_MS = 3_600_000;
let service: ConcertInstance;
let concertId: number;
beforeAll(async () => {
  service = await openConcerts();
  concertId = await service.create('Night of Strings');
});
afterAll(() => service.close());

const free = (seatNumber: number): Seat => ({ seatNumber, status: 'FREE', heldUntil: null });
const sold = (seatNumber: number): Seat => ({ seatNumber, status: 'SOLD', heldUntil: null });
const held = (seatNumber: number, forMs = HOUR_MS): Seat => ({
  seatNumber,
  status: 'HELD',
  heldUntil: new Date(Date.now() + forMs).toISOString(),
});

function announced(scheduleId: number, version: number, ...seats: Seat[]): Announced {
  return { scheduleId, version, seatsLeft: 0, seats };
}

async function statuses(scheduleId: number): Promise<string> {
  const { seats } = await service.seatMap(scheduleId);
  return seats.map(({ status }) => status).join(' ');
}

describe('the read model of availability', () => {
  it('shows what was announced, and counts what is left', async () => {
    const scheduleId = await service.added(concertId);
    const untouched = await service.added(concertId);
    await service.follow(announced(scheduleId, 1, held(1), sold(2)));
    expect(await statuses(scheduleId)).toBe('HELD SOLD FREE FREE FREE');
    expect((await service.seatMap(scheduleId)).schedule.seatsLeft).toBe(3);
    expect((await service.seatMap(untouched)).schedule.seatsLeft).toBe(5);
  });

  it('never lets an older announcement undo a newer one, seat by seat', async () => {
    const scheduleId = await service.added(concertId);
    await service.follow(announced(scheduleId, 5, sold(1)));
    await service.follow(announced(scheduleId, 4, held(1), held(2)));
    expect(await statuses(scheduleId)).toBe('SOLD HELD FREE FREE FREE');
    await service.follow(announced(scheduleId, 5, sold(1)));
    expect(await statuses(scheduleId)).toBe('SOLD HELD FREE FREE FREE');
  });

  it('shows a lapsed hold as free at once, under another version', async () => {
    const scheduleId = await service.added(concertId);
    await service.follow(announced(scheduleId, 1, held(1), held(2)));
    const before = await service.seatMap(scheduleId);
    const { sql } = service.database;
    await service.database.run(
      sql('seats')
        .where({ schedule_id: scheduleId, seat_number: 1 })
        .update({ held_until: sql.fn.now() }),
    );
    const after = await service.seatMap(scheduleId);
    expect(await statuses(scheduleId)).toBe('FREE HELD FREE FREE FREE');
    expect(after.schedule.seatsLeft).toBe(4);
    expect(after.seatsVersion).not.toBe(before.seatsVersion);
  });

  it('keeps a seat that is being paid held without an end', async () => {
    const scheduleId = await service.added(concertId);
    await service.follow(announced(scheduleId, 1, { ...held(1), heldUntil: null }));
    expect(await statuses(scheduleId)).toBe('HELD FREE FREE FREE FREE');
    expect((await service.seatMap(scheduleId)).schedule.seatsLeft).toBe(4);
  });

  it('has another version after every change of status or price, and none without', async () => {
    const scheduleId = await service.added(concertId);
    const versions = [(await service.seatMap(scheduleId)).seatsVersion];
    const changes = [
      () => service.follow(announced(scheduleId, 1, held(1))),
      () => service.follow(announced(scheduleId, 2, sold(1))),
      () => service.follow(announced(scheduleId, 3, free(1))),
      () => service.setPrices({ scheduleId, seats: [{ from: 1, to: 1, priceKrw: 1 }] }),
    ];
    for (const change of changes) {
      await change();
      versions.push((await service.seatMap(scheduleId)).seatsVersion);
    }
    expect(new Set(versions).size).toBe(changes.length + 1);
    await service.follow(announced(scheduleId, 2, sold(1)));
    expect((await service.seatMap(scheduleId)).seatsVersion).toBe(versions.at(-1));
  });

  it('ends the same however announcements are repeated, reordered and batched', async () => {
    const change = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(free, sold, held)),
      { selector: ([seatNumber]) => seatNumber, minLength: 1 },
    );
    const delivery = fc.array(change, { minLength: 1, maxLength: 6 }).chain((versions) =>
      fc.tuple(
        fc.constant(versions),
        fc.shuffledSubarray([...versions.keys(), ...versions.keys()], {
          minLength: 2 * versions.length,
        }),
        fc.integer({ min: 1, max: 4 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(delivery, async ([versions, order, size]) => {
        const inOrder = await service.added(concertId);
        const jumbled = await service.added(concertId);
        const event = (scheduleId: number, index: number) =>
          announced(
            scheduleId,
            index + 1,
            ...(versions[index] ?? []).map(([seatNumber, as]) => as(seatNumber)),
          );
        for (const index of versions.keys()) await service.follow(event(inOrder, index));
        for (let from = 0; from < order.length; from += size) {
          const batch = order.slice(from, from + size);
          await service.follow(...batch.map((index) => event(jumbled, index)));
        }
        expect(await statuses(jumbled)).toBe(await statuses(inOrder));
        const [a, b] = [await service.seatMap(inOrder), await service.seatMap(jumbled)];
        expect(b.schedule.seatsLeft).toBe(a.schedule.seatsLeft);
        const notFree = b.seats.filter(({ status }) => status !== 'FREE').length;
        expect(b.schedule.seatsLeft).toBe(5 - notFree);
      }),
      { numRuns: 20 },
    );
  });
});
