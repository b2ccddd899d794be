import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inDays, openConcerts, received, type ConcertInstance } from '../concert.fixture.js';

let service: ConcertInstance;
beforeAll(async () => {
  service = await openConcerts();
});
afterAll(() => service.close());

/** What was published since, by schedule. */
function publishedSince(count: number) {
  return service.publications.all.slice(count);
}

describe('organising a concert', () => {
  it('adds a schedule with its seats and publishes it whole', async () => {
    const concertId = await service.create('Night of Strings');
    const before = service.publications.all.length;
    const outcome = await service.addSchedule(concertId, {
      seats: [
        { from: 1, to: 2, priceKrw: 20_000 },
        { from: 11, to: 11, priceKrw: 5_000 },
      ],
    });
    expect(outcome).toMatchObject({
      ok: true,
      value: { concertName: 'Night of Strings', seatCount: 3, seatsLeft: 3, version: 1 },
    });
    expect(publishedSince(before)).toMatchObject([
      {
        concertId,
        version: 1,
        saleOpen: true,
        waitingRoomId: 'default',
        seats: [
          { seatNumber: 1, priceKrw: 20_000 },
          { seatNumber: 2, priceKrw: 20_000 },
          { seatNumber: 11, priceKrw: 5_000 },
        ],
      },
    ]);
  });

  it('refuses what cannot be, and leaves nothing of it behind', async () => {
    const concertId = await service.create('Refusals');
    const overlap = [
      { from: 1, to: 5, priceKrw: 1_000 },
      { from: 5, to: 6, priceKrw: 1_000 },
    ];
    expect(await service.addSchedule(concertId, { seats: overlap })).toMatchObject({
      refusal: 'CONCERT_SEATS_INVALID',
    });
    expect(await service.addSchedule(concertId, { startsAt: inDays(-1) })).toMatchObject({
      refusal: 'CONCERT_SCHEDULE_IN_THE_PAST',
    });
    expect(await service.addSchedule(999_999)).toMatchObject({ refusal: 'CONCERT_NOT_FOUND' });
    expect(await service.change({ concertId: 999_999, name: 'x' })).toMatchObject({
      refusal: 'CONCERT_NOT_FOUND',
    });
    expect(await service.changeSchedule({ scheduleId: 999_999 })).toMatchObject({
      refusal: 'CONCERT_SCHEDULE_NOT_FOUND',
    });
    const page = await service.reads.listSchedules(
      received({ concertId, limit: 10, bookableOnly: false }),
    );
    expect(page).toMatchObject({ ok: true, value: { items: [] } });
  });

  it('publishes every schedule again when the concert’s name changes, and only then', async () => {
    const concertId = await service.create('Working title');
    const own = [await service.added(concertId), await service.added(concertId)];
    await service.added(await service.create('Bystander'));
    const before = service.publications.all.length;
    await service.change({ concertId, venue: 'Another hall' });
    expect(publishedSince(before)).toEqual([]);
    await service.change({ concertId, name: 'Night of Drums' });
    const published = publishedSince(before);
    expect(published.map(({ scheduleId }) => scheduleId)).toEqual(own);
    expect(published).toMatchObject([
      { concertName: 'Night of Drums', version: 2 },
      { concertName: 'Night of Drums', version: 2 },
    ]);
  });

  it('changes a schedule’s facts and publishes the next version', async () => {
    const scheduleId = await service.added(await service.create('Changes'));
    const startsAt = inDays(60);
    const outcome = await service.changeSchedule({
      scheduleId,
      startsAt,
      saleOpen: false,
      waitingRoomId: 'vip',
    });
    const facts = { startsAt, saleOpen: false, waitingRoomId: 'vip', version: 2 };
    expect(outcome).toMatchObject({ ok: true, value: facts });
    expect(service.publications.all.at(-1)).toMatchObject({ scheduleId, ...facts });
    expect(await service.changeSchedule({ scheduleId, startsAt: inDays(-1) })).toMatchObject({
      refusal: 'CONCERT_SCHEDULE_IN_THE_PAST',
    });
  });

  it('adds seats and gives others a new price, leaving the rest', async () => {
    const scheduleId = await service.added(await service.create('Prices'));
    const seats = [{ from: 5, to: 6, priceKrw: 30_000 }];
    expect(await service.setPrices({ scheduleId, seats })).toMatchObject({
      ok: true,
      value: { seatCount: 6, seatsLeft: 6, version: 2 },
    });
    const prices = (await service.seatMap(scheduleId)).seats.map(({ priceKrw }) => priceKrw);
    expect(prices).toEqual([10_000, 10_000, 10_000, 10_000, 30_000, 30_000]);
    const tooMany = [{ from: 7, to: 20_001, priceKrw: 1 }];
    expect(await service.setPrices({ scheduleId, seats: tooMany })).toMatchObject({
      refusal: 'CONCERT_SEATS_INVALID',
    });
  });
});

describe('reading the catalogue', () => {
  it('lists schedules by start, page by page', async () => {
    const concertId = await service.create('Pages');
    const late = await service.added(concertId, { startsAt: inDays(9) });
    const early = await service.added(concertId, { startsAt: inDays(3) });
    const same = await service.added(concertId, { startsAt: inDays(6) });
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await service.reads.listSchedules(
        received({
          concertId,
          limit: 2,
          bookableOnly: false,
          ...(cursor === undefined ? {} : { cursor }),
        }),
      );
      if (!page.ok) throw new Error(page.refusal);
      seen.push(...page.value.items.map(({ scheduleId }) => scheduleId));
      cursor = page.value.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([early, same, late]);
  });

  it('leaves out what cannot be booked when asked to', async () => {
    const concertId = await service.create('Bookable');
    const open = await service.added(concertId);
    await service.added(concertId, { saleOpen: false });
    await service.added(concertId, { salesOpenAt: inDays(1) });
    const begun = await service.added(concertId);
    const { sql } = service.database;
    await service.database.run(
      sql('schedules').where({ schedule_id: begun }).update({ starts_at: sql.fn.now() }),
    );
    const page = await service.reads.listSchedules(
      received({ concertId, limit: 10, bookableOnly: true }),
    );
    if (!page.ok) throw new Error(page.refusal);
    expect(page.value.items.map(({ scheduleId }) => scheduleId)).toEqual([open]);
  });

  it('lists concerts by id, page by page', async () => {
    const first = await service.create('One');
    const second = await service.create('Two');
    const page = await service.reads.listConcerts(
      received({ limit: 1, cursor: String(first - 1) }),
    );
    expect(page).toMatchObject({ value: { items: [{ name: 'One' }], nextCursor: String(first) } });
    const rest = await service.reads.listConcerts(received({ limit: 5, cursor: String(first) }));
    expect(rest).toMatchObject({ value: { items: [{ concertId: second }], nextCursor: null } });
    const none = await service.reads.listConcerts(received({ limit: 5, cursor: 'nonsense' }));
    expect(none).toEqual({ ok: true, value: { items: [], nextCursor: null } });
  });

  it('answers each query of a batch in its place', async () => {
    const scheduleId = await service.added(await service.create('Batch'));
    const queries = [{ scheduleId: 999_999 }, { scheduleId }, { scheduleId }];
    const outcomes = await service.reads.readSchedules(queries.map((query) => received(query)));
    expect(outcomes).toMatchObject([
      { refusal: 'CONCERT_SCHEDULE_NOT_FOUND' },
      { ok: true, value: { scheduleId } },
      { ok: true, value: { scheduleId } },
    ]);
    expect(await service.reads.readConcert(received({ concertId: 999_999 }))).toMatchObject({
      refusal: 'CONCERT_NOT_FOUND',
    });
    const [map] = await service.reads.readSeatMaps([received({ scheduleId })]);
    const seat = map?.ok === true ? map.value.seats[1] : undefined;
    const seatQueries = [{ seatId: 999_999_999 }, { seatId: seat?.seatId ?? 0 }];
    const seats = await service.reads.readSeats(seatQueries.map((query) => received(query)));
    expect(seats).toEqual([
      { ok: false, refusal: 'CONCERT_SEAT_NOT_FOUND' },
      { ok: true, value: { ...seat, scheduleId } },
    ]);
  });
});
