import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@encore/testing';
import { arrive, must, range } from './support/buying.js';
import { bootWholeSystem, SEATS_PER_SCHEDULE, type WholeSystem } from './support/whole-system.js';

const TABS = 1_000;
const SEATS_PER_PERSON = 8;
const RELEASES_FREE = 10;

describe('One person', () => {
  let whole: WholeSystem;

  beforeAll(async () => {
    whole = await bootWholeSystem();
  });
  afterAll(async () => {
    await whole.end();
  });

  it(`joining the waiting room from ${TABS} tabs at once holds one place`, async () => {
    const person = await whole.person(1);
    const places = await Promise.all(range(0, TABS).map(() => person.join()));
    expect(new Set(places.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(places.map(({ body }) => body.entryId)).size).toBe(1);
    const entries = await whole.books.number(
      'queue',
      'select count(*) as value from entries where user_id = 1',
    );
    expect(entries).toBe(1);
    expect(await whole.books.violations()).toEqual([]);
  });

  it('trying to hold every seat at once holds as many as one may, and the rest stay free', async () => {
    const person = await arrive(whole, 2, 0);
    const numbers = range(1, SEATS_PER_SCHEDULE);
    const answers = await Promise.all(numbers.map((number) => person.hold(1, [number])));
    const held = answers.filter(({ status }) => status === 201);
    expect(held).toHaveLength(SEATS_PER_PERSON);
    const told = answers.filter(({ status }) => status !== 201);
    expect(new Set(told.map(({ status, body }) => `${status} ${body.code ?? ''}`))).toEqual(
      new Set(['409 RESERVATION_SEAT_CAP_REACHED']),
    );
    const owned = await whole.books.number(
      'reservation',
      `select count(*) as value from reservation_seats where schedule_id = 1 and owns`,
    );
    expect(owned).toBe(SEATS_PER_PERSON);

    const somebody = await arrive(whole, 3, 0);
    // The map of seats is a read model: it shows a moment later what is held.
    const free = await eventually(async () => {
      const { seats } = must(await somebody.seats(1), 200).body;
      const numbersFree = seats.flatMap(({ status, seatNumber }) =>
        status === 'FREE' ? [seatNumber] : [],
      );
      expect(numbersFree).toHaveLength(SEATS_PER_SCHEDULE - SEATS_PER_PERSON);
      return numbersFree;
    });
    must(await somebody.hold(1, free.slice(0, 1)), 201);
  });

  it('holding and releasing seats over and over has to wait; others and other schedules do not', async () => {
    const person = await arrive(whole, 4, 0);
    for (const seatNumber of range(1, RELEASES_FREE + 1)) {
      const { reservationId } = must(await person.hold(2, [seatNumber]), 201).body;
      must(await person.cancel(reservationId), 200);
    }
    const refused = must(await person.hold(2, [1]), 409);
    expect(refused.body).toMatchObject({
      code: 'RESERVATION_COOLDOWN',
      details: { retryAfterSeconds: expect.any(Number) },
    });
    must(await person.hold(3, [1]), 201);
    const somebody = await arrive(whole, 5, 0);
    must(await somebody.hold(2, [1]), 201);
    expect(await whole.books.violations()).toEqual([]);
  });
});
