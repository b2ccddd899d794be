import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { arrive, inParallel, must, range } from './support/buying.js';
import {
  bootWholeSystem,
  SEAT_PRICE_KRW,
  SEATS_PER_SCHEDULE,
  type WholeSystem,
} from './support/whole-system.js';

const PEOPLE = 200;

describe('Far more people than seats', () => {
  let whole: WholeSystem;

  beforeAll(async () => {
    whole = await bootWholeSystem();
  });
  afterAll(async () => {
    await whole.end();
  });

  it(`sells ${SEATS_PER_SCHEDULE} seats to ${PEOPLE} people at once: each seat once, the rest told so`, async () => {
    const people = await inParallel(range(1, PEOPLE), 20, (userId) => arrive(whole, userId));
    const endings = await Promise.all(
      people.map(async (person, index) => {
        const held = await person.hold(1, [1 + (index % SEATS_PER_SCHEDULE)]);
        if (held.status !== 201) return held;
        return person.pay(held.body.reservationId);
      }),
    );
    const statuses = endings.map(({ status }) => status);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(statuses.filter((status) => status === 201)).toHaveLength(SEATS_PER_SCHEDULE);
    const told = endings.filter(({ status }) => status !== 201);
    expect(new Set(told.map(({ body }) => body.code))).toEqual(
      new Set(['RESERVATION_SEATS_TAKEN']),
    );
    expect(told).toHaveLength(PEOPLE - SEATS_PER_SCHEDULE);

    expect(await whole.books.violations()).toEqual([]);
    const left = await whole.books.number(
      'wallet',
      'select sum(balance_krw) as value from accounts',
    );
    expect(left).toBe((PEOPLE - SEATS_PER_SCHEDULE) * SEAT_PRICE_KRW);
    const sold = await whole.books.number(
      'reservation',
      `select count(distinct seat_number) as value from reservation_seats
         join reservations using (reservation_id, schedule_id)
        where schedule_id = 1 and state = 'CONFIRMED'`,
    );
    expect(sold).toBe(SEATS_PER_SCHEDULE);
  });

  it('debits once when one payment is sent 16 times at once with one key', async () => {
    const person = await arrive(whole, 301, 10 * SEAT_PRICE_KRW);
    const { reservationId } = must(await person.hold(2, [1]), 201).body;
    const idempotencyKey = randomUUID();
    const answers = await Promise.all(
      range(0, 16).map(() => person.pay(reservationId, { idempotencyKey })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    for (const { status, headers } of answers) {
      if (status === 409) expect(headers.get('retry-after')).not.toBeNull();
    }
    const [first] = answers.filter(({ status }) => status === 201);
    const replayed = must(await person.pay(reservationId, { idempotencyKey }), 201);
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    expect(replayed.body).toEqual(first?.body);
    expect(must(await person.wallet(), 200).body.balanceKrw).toBe(9 * SEAT_PRICE_KRW);
    const other = await person.call('POST', '/v1/payments', {
      body: { reservationId, amountKrw: 1 },
      idempotencyKey,
    });
    expect(other.status).toBe(422);
    expect(await whole.books.violations()).toEqual([]);
  });

  it('debits once when one payment is sent 16 times at once without a key', async () => {
    const person = await arrive(whole, 302, 10 * SEAT_PRICE_KRW);
    const { reservationId } = must(await person.hold(2, [2]), 201).body;
    const answers = await Promise.all(range(0, 16).map(() => person.pay(reservationId)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    expect(must(await person.wallet(), 200).body.balanceKrw).toBe(9 * SEAT_PRICE_KRW);
    expect(await whole.books.violations()).toEqual([]);
  });

  it('gives one person one place however often they join at once', async () => {
    const person = await whole.person(303);
    const places = await Promise.all(range(0, 50).map(() => person.join()));
    expect(new Set(places.map(({ body }) => body.entryId)).size).toBe(1);
  });
});
