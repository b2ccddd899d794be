import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SagaLogEntry } from '@encore/contracts';
import { arrive, must } from './support/buying.js';
import { call, Person } from './support/person.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from './support/whole-system.js';

describe('A booking from the waiting room to the refund', () => {
  let whole: WholeSystem;

  beforeAll(async () => {
    whole = await bootWholeSystem();
  });
  afterAll(async () => {
    await whole.end();
  });

  it('lets one person in, hold two seats, pay, see the steps, cancel and get the money back', async () => {
    const person = await whole.person(1);
    const entry = must(await person.join(), 201).body;
    expect(entry).toMatchObject({ state: 'ACTIVE', position: 0, userId: 1 });

    const before = must(await person.seats(1), 200).body.seats;
    expect(before).toHaveLength(50);
    expect(before.every(({ status }) => status === 'FREE')).toBe(true);

    const charged = must(await person.charge(50_000), 201).body;
    expect(charged.balanceKrw).toBe(50_000);

    const held = must(await person.hold(1, [7, 8]), 201).body;
    expect(held).toMatchObject({ state: 'HELD', amountKrw: 2 * SEAT_PRICE_KRW });

    const paid = must(await person.pay(held.reservationId), 201);
    expect(paid.body).toMatchObject({ state: 'COMPLETED', amountKrw: 2 * SEAT_PRICE_KRW });
    expect(must(await person.wallet(), 200).body.balanceKrw).toBe(30_000);
    expect(must(await person.reservation(held.reservationId), 200).body.state).toBe('CONFIRMED');

    await whole.books.quiet();
    const shown = must(
      await person.call<{ steps: SagaLogEntry[] }>('GET', `/v1/payments/${paid.body.paymentId}`),
      200,
    );
    const accepted = shown.body.steps.filter(({ event }) => event === 'ACCEPTED');
    expect(accepted.map(({ step }) => step)).toEqual([
      'pin the reservation',
      'debit the wallet',
      'confirm the reservation',
      'expire the queue entry',
    ]);

    expect(must(await person.cancel(held.reservationId), 200).body.state).toBe('CANCELLED');
    const refunded = must(await person.refund(held.reservationId), 201).body;
    expect(refunded).toMatchObject({ state: 'COMPLETED', amountKrw: 2 * SEAT_PRICE_KRW });
    expect(must(await person.wallet(), 200).body.balanceKrw).toBe(50_000);
    await whole.books.quiet();
    expect(must(await person.reservation(held.reservationId), 200).body.state).toBe('REFUNDED');
    expect(await whole.books.violations()).toEqual([]);
  });

  it('shuts the gate as soon as the payment used up the entry, and joining again opens it', async () => {
    const person = await arrive(whole, 2);
    const held = must(await person.hold(1, [1]), 201).body;
    const key = { idempotencyKey: 'paid-once' };
    must(await person.pay(held.reservationId, key), 201);
    const shut = await person.seats(1);
    expect(shut).toMatchObject({ status: 403, body: { code: 'ENTRY_USED' } });
    must(await person.join(), 201);
    must(await person.seats(1), 200);
    // The answer told once more is about the old turn, not the new one.
    must(await person.pay(held.reservationId, key), 201);
    must(await person.seats(1), 200);
  });

  it('refunds one seat of two, then the other, and never one of them twice', async () => {
    const person = await arrive(whole, 3, 2 * SEAT_PRICE_KRW);
    const { reservationId } = must(await person.hold(2, [1, 2]), 201).body;
    must(await person.pay(reservationId), 201);
    expect(must(await person.refund(reservationId, [1]), 201).body.amountKrw).toBe(SEAT_PRICE_KRW);
    const again = await person.refund(reservationId, [1]);
    expect(again.status).toBe(409);
    must(await person.refund(reservationId), 201);
    expect(must(await person.wallet(), 200).body.balanceKrw).toBe(2 * SEAT_PRICE_KRW);
    expect((await person.refund(reservationId)).status).toBe(409);
    expect(await whole.books.violations()).toEqual([]);
  });

  it('shows operators every queue, and the saga of a payment with its timeline', async () => {
    const operator = await Person.as(whole.gateway, 900, ['operator']);
    const queues = must(
      await operator.call<{ items: { queue: string; consumers: number }[] }>(
        'GET',
        '/v1/ops/queues',
      ),
      200,
    ).body.items;
    const commands = queues.find(({ queue }) => queue.endsWith('wallet.commands'));
    expect(commands?.consumers).toBeGreaterThanOrEqual(1);

    const sagas = must(
      await operator.call<{ items: { sagaId: string }[] }>('GET', '/v1/ops/sagas?userId=1'),
      200,
    ).body.items;
    expect(sagas).toHaveLength(2);
    const one = must(
      await operator.call<{ timeline: SagaLogEntry[] }>(
        'GET',
        `/v1/ops/sagas/${sagas.at(-1)?.sagaId ?? ''}`,
      ),
      200,
    ).body;
    expect(one.timeline[0]?.event).toBe('STARTED');
    expect(one.timeline.at(-1)?.event).toBe('COMPLETED');

    const ordinary = await whole.person(1);
    expect((await ordinary.call('GET', '/v1/ops/queues')).status).toBe(403);
    expect((await call(whole.gateway, 'GET', '/v1/ops/queues')).status).toBe(401);
  });

  it('lets an organiser put on a concert that can be bought at once', async () => {
    const organiser = await Person.as(whole.gateway, 901, ['organiser']);
    const concert = must(
      await organiser.call<{ concertId: number }>('POST', '/v1/admin/concerts', {
        body: { name: 'Evening of Strings', venue: 'Small Hall' },
      }),
      201,
    ).body;
    const schedule = must(
      await organiser.call<{ scheduleId: number }>(
        'POST',
        `/v1/admin/concerts/${concert.concertId}/schedules`,
        {
          body: {
            startsAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
            seats: [{ from: 1, to: 3, priceKrw: 7_000 }],
          },
        },
      ),
      201,
    ).body;
    const person = await arrive(whole, 4, 21_000);
    const { reservationId } = must(await person.hold(schedule.scheduleId, [1, 2, 3]), 201).body;
    expect(must(await person.pay(reservationId), 201).body.amountKrw).toBe(21_000);
    const report = must(
      await organiser.call<{ schedules: { netKrw: number }[] }>(
        'GET',
        `/v1/admin/concerts/${concert.concertId}/sales-report`,
      ),
      200,
    );
    expect(report.body.schedules[0]?.netKrw).toBe(21_000);
  });
});
