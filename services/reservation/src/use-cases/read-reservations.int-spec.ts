import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  openReservations,
  received,
  schedule,
  type ReservationInstance,
} from '../reservation.fixture.js';
import { ReadReservationsHandlers } from './read-reservations.js';

let service: ReservationInstance;
let reads: ReadReservationsHandlers;
let close: () => Promise<void>;
const SCHEDULE = 1;
const OTHER_SCHEDULE = 2;
const held: number[] = [];

beforeAll(async () => {
  ({ instance: service, close } = await openReservations());
  reads = new ReadReservationsHandlers(service.database);
  await service.publish(schedule(SCHEDULE), schedule(OTHER_SCHEDULE));
  for (const seat of [1, 2, 3]) held.push(await service.held(1, SCHEDULE, seat));
  held.push(await service.held(1, OTHER_SCHEDULE, 4));
  await service.held(2, SCHEDULE, 5);
  await service.lapse(held[0] ?? 0);
  await service.cancel(1, held[1] ?? 0);
});
afterAll(() => close());

async function list(query: { scheduleId?: number; state?: 'HELD' | 'EXPIRED'; cursor?: string }) {
  const outcome = await reads.list(received({ userId: 1, limit: 20, ...query }));
  if (!outcome.ok) throw new Error('a list is never refused');
  return outcome.value.items.map(({ reservationId }) => reservationId);
}

describe('reading reservations', () => {
  it('answers the owner alone, each query in its place', async () => {
    const own = { userId: 1, reservationId: held[2] ?? 0 };
    const outcomes = await reads.read([
      received({ ...own, userId: 2 }),
      received(own),
      received({ userId: 1, reservationId: 999_999 }),
    ]);
    expect(outcomes).toMatchObject([
      { refusal: 'RESERVATION_NOT_YOURS' },
      { ok: true, value: { state: 'HELD', seats: [{ seatNumber: 3 }] } },
      { refusal: 'RESERVATION_NOT_FOUND' },
    ]);
  });

  it('lists one’s own, newest first, by schedule and by the state one sees', async () => {
    expect(await list({})).toEqual(held.toReversed());
    expect(await list({ scheduleId: OTHER_SCHEDULE })).toEqual([held[3]]);
    expect(await list({ state: 'HELD' })).toEqual([held[3], held[2]]);
    expect(await list({ state: 'EXPIRED' })).toEqual([held[0]]);
  });

  it('pages through all of them without a gap', async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await reads.list(
        received({ userId: 1, limit: 3, ...(cursor === undefined ? {} : { cursor }) }),
      );
      if (!page.ok) throw new Error('a list is never refused');
      seen.push(...page.value.items.map(({ reservationId }) => reservationId));
      cursor = page.value.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(held.toReversed());
  });

  it('finds nothing behind a cursor that is none', async () => {
    expect(await list({ cursor: 'nonsense' })).toEqual([]);
  });
});
