import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { must } from '../support/buying.js';
import {
  BAD_AMOUNTS,
  error,
  FrontOfHouse,
  instantInSeoul,
  NO_ID,
  NOBODY,
  NOT_USERS,
  refusesBadTokens,
} from '../support/front-of-house.js';
import { WaitingQueueClient } from '../support/waiting-queue-client.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from '../support/whole-system.js';

describe('waiting-queue, about money', () => {
  let whole: WholeSystem;
  let house: FrontOfHouse;
  let client: WaitingQueueClient;

  beforeAll(async () => {
    whole = await bootWholeSystem();
    house = await FrontOfHouse.of(whole);
    client = new WaitingQueueClient(whole.gateway);
  });
  afterAll(async () => {
    await whole.end();
  });

  describe('6. POST /api/concerts/{concertId}/schedules/{concertScheduleId}/seats/reservation/payment', () => {
    it('gives paymentDate, paymentAmount and paymentStatus 결제 완료', async () => {
      const { userId, token } = await client.holder(2 * SEAT_PRICE_KRW, 2);
      const before = Date.now();
      const answer = await client.pay(token, { userId, concertScheduleId: 1 });
      const { paymentDate, ...rest } = must(answer, 200).body;
      expect(rest).toEqual({ paymentAmount: 2 * SEAT_PRICE_KRW, paymentStatus: '결제 완료' });
      expect(paymentDate).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);
      expect(instantInSeoul(String(paymentDate))).toBeGreaterThan(before - 2_000);
      expect(await house.reservationsOf(userId)).toMatchObject([{ state: 'CONFIRMED' }]);
      expect(await client.balanceOf(userId)).toBe(0);
    });

    it('uses the token up: 401 at the seats and 만료, until one joins again', async () => {
      const { userId, token } = await client.holder(SEAT_PRICE_KRW);
      must(await client.pay(token, { userId, concertScheduleId: 1 }), 200);
      const path = '/api/concerts/1/schedules/';
      expect(await client.ask('GET', path, { token })).toMatchObject(error(401));
      expect(await client.pay(token, { userId, concertScheduleId: 1 })).toMatchObject(error(401));
      expect((await client.position(userId)).tokenStatus).toBe('만료');
      const next = await client.tokenOf(userId);
      expect(next).not.toBe(token);
      must(await client.ask('GET', path, { token: next }), 200);
    });

    it('pays everything that is held on that schedule, and nothing of another', async () => {
      const { userId, token } = await client.holder(5 * SEAT_PRICE_KRW, 1);
      must(await client.reserve(token, { userId, seats: client.freshSeats(2) }), 200);
      const elsewhere = { userId, seats: client.freshSeats(1) };
      must(await client.reserve(token, elsewhere, '1/schedules/2'), 200);
      const answer = await client.pay(token, { userId: String(userId), concertScheduleId: '1' });
      expect(must(answer, 200).body).toMatchObject({ paymentAmount: 3 * SEAT_PRICE_KRW });
      const states = (await house.reservationsOf(userId)).map(
        ({ scheduleId, state }) => `${scheduleId} ${state}`,
      );
      expect(states).toEqual(['2 HELD', '1 CONFIRMED', '1 CONFIRMED']);
    });

    it('402 and nothing of it when the balance does not cover all', async () => {
      const { userId, token } = await client.holder(2 * SEAT_PRICE_KRW, 2);
      must(await client.reserve(token, { userId, seats: client.freshSeats(1) }), 200);
      const answer = await client.pay(token, { userId, concertScheduleId: 1 });
      expect(answer).toMatchObject(error(402, 'Insufficient balance'));
      const states = (await house.reservationsOf(userId)).map(({ state }) => state);
      expect(states).toEqual(['HELD', 'HELD']);
      expect(await client.balanceOf(userId)).toBe(2 * SEAT_PRICE_KRW);
    });

    it('gives the first answer again for the same Idempotency-Key', async () => {
      const { userId, token } = await client.holder(SEAT_PRICE_KRW);
      const path = '/api/concerts/1/schedules/1/seats/reservation/payment';
      const send = () =>
        client.ask('POST', path, {
          token,
          body: { userId, concertScheduleId: 1 },
          headers: { 'idempotency-key': 'pay-once' },
        });
      const first = must(await send(), 200);
      const again = must(await send(), 200);
      expect(again.body).toEqual(first.body);
      expect(again.headers['idempotent-replayed']).toBe('true');
    });

    it('400 when the schedule of the body is not the one of the path', async () => {
      const { userId, token } = await client.holder(SEAT_PRICE_KRW);
      for (const concertScheduleId of [2, NO_ID, 'abc', 0, undefined]) {
        const answer = await client.pay(token, { userId, concertScheduleId });
        expect(answer).toMatchObject(error(400));
      }
      expect(await house.reservationsOf(userId)).toMatchObject([{ state: 'HELD' }]);
    });

    it('404 when nothing is held, and for what is not there', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const nothing = await client.pay(token, { userId, concertScheduleId: 1 });
      expect(nothing).toMatchObject(error(404, 'reservation not found'));
      const none = await client.pay(
        token,
        { userId, concertScheduleId: NO_ID },
        `1/schedules/${NO_ID}`,
      );
      expect(none).toMatchObject(error(404, 'concert schedule not found'));
      const strange = await client.pay(token, { userId, concertScheduleId: 1 }, '2/schedules/1');
      expect(strange).toMatchObject(error(404, 'concert schedule not found'));
    });

    it('403 for somebody else, and nothing happens', async () => {
      const { userId } = await client.holder(SEAT_PRICE_KRW);
      const token = await client.tokenOf(client.someone());
      const answer = await client.pay(token, { userId, concertScheduleId: 1 });
      expect(answer).toMatchObject(error(403, 'forbidden'));
      expect(await house.reservationsOf(userId)).toMatchObject([{ state: 'HELD' }]);
    });

    it('401 with a bad token or none', () =>
      refusesBadTokens((token) => client.pay(token, { userId: 1, concertScheduleId: 1 })));

    it('403 with the position while one waits, 401 after leaving', () =>
      house.refusesWhoeverHasNoTurn(
        client,
        (userId) => (token) => client.pay(token, { userId, concertScheduleId: 1 }),
      ));
  });

  describe('7. PATCH /api/balances/balance/charge', () => {
    const path = '/api/balances/balance/charge';

    it('takes a bare number and gives userId and the amount after it', async () => {
      const userId = client.someone();
      for (const amount of [1_000, 2_000, 3_000]) {
        expect(must(await client.charge(userId, 1_000), 200).body).toEqual({ userId, amount });
      }
    });

    it('takes the number as text/plain too', async () => {
      const userId = client.someone();
      for (const type of ['text/plain', 'text/plain; charset=utf-8', 'application/json']) {
        const headers = { 'content-type': type };
        must(await client.ask('PATCH', `${path}/`, { userId, body: 1_000, headers }), 200);
      }
      expect(await client.balanceOf(userId)).toBe(3_000);
    });

    it('400 for an amount that is none, in JSON or text; 415 for another type', async () => {
      const userId = client.someone();
      for (const body of [...BAD_AMOUNTS, '1000', { amount: 1_000 }, [1_000], undefined]) {
        expect(await client.ask('PATCH', path, { userId, body })).toMatchObject(error(400));
        const headers = { 'content-type': 'text/plain' };
        const asText = await client.ask('PATCH', path, { userId, body, headers });
        expect(asText).toMatchObject(error(400));
      }
      const headers = { 'content-type': 'application/xml' };
      const other = await client.ask('PATCH', path, { userId, body: 1_000, headers });
      expect(other).toMatchObject(error(415));
      expect(await client.balanceOf(userId)).toBe(0);
    });

    it('404 user not found; 400 without a user-id and for what cannot be one', async () => {
      expect(await client.charge(NOBODY, 1_000)).toMatchObject(error(404, 'user not found'));
      expect(await client.ask('PATCH', path, { body: 1_000 })).toMatchObject(error(400));
      for (const userId of NOT_USERS) {
        expect(await client.ask('PATCH', path, { userId, body: 1_000 })).toMatchObject(error(400));
      }
    });

    it('403 with the token of somebody else, and nothing happens', async () => {
      const [one, userId] = [client.someone(), client.someone()];
      const token = await client.tokenOf(one);
      const answer = await client.ask('PATCH', path, { userId, token, body: 1_000 });
      expect(answer).toMatchObject(error(403, 'forbidden'));
      expect([await client.balanceOf(one), await client.balanceOf(userId)]).toEqual([0, 0]);
    });
  });

  describe('8. GET /api/balances/balance/', () => {
    it('gives userId and amount, with or without the last slash', async () => {
      const userId = client.someone();
      must(await client.charge(userId, 3_000), 200);
      for (const path of ['/api/balances/balance/', '/api/balances/balance']) {
        const answer = await client.ask('GET', path, { userId });
        expect(must(answer, 200).body).toEqual({ userId, amount: 3_000 });
      }
    });

    it('404 user not found; 400 without a user-id and for what cannot be one', async () => {
      const path = '/api/balances/balance/';
      const nobody = await client.ask('GET', path, { userId: NOBODY });
      expect(nobody).toMatchObject(error(404, 'user not found'));
      expect(await client.ask('GET', path)).toMatchObject(error(400));
      for (const userId of NOT_USERS) {
        expect(await client.ask('GET', path, { userId })).toMatchObject(error(400));
      }
    });

    it('403 with the token of somebody else', async () => {
      const token = await client.tokenOf(client.someone());
      const asking = { userId: client.someone(), token };
      const answer = await client.ask('GET', '/api/balances/balance/', asking);
      expect(answer).toMatchObject(error(403, 'forbidden'));
    });
  });

  it('left the books of all services in agreement', async () => {
    await whole.books.quiet();
    expect(await whole.books.violations()).toEqual([]);
  });
});
