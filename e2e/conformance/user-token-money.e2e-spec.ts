import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { must } from '../support/buying.js';
import {
  BAD_AMOUNTS,
  error,
  FrontOfHouse,
  NOBODY,
  refusesBadTokens,
} from '../support/front-of-house.js';
import { UserTokenClient } from '../support/user-token-client.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from '../support/whole-system.js';

const PAID = {
  status: 'completed',
  message: 'Payment successful and ownership assigned.',
};

describe('user-token, about money', () => {
  let whole: WholeSystem;
  let house: FrontOfHouse;
  let client: UserTokenClient;

  beforeAll(async () => {
    whole = await bootWholeSystem();
    house = await FrontOfHouse.of(whole);
    client = new UserTokenClient(whole.gateway);
  });
  afterAll(async () => {
    await whole.end();
  });

  describe('6. POST /payment/charge', () => {
    it('gives userId, the balance after it and a message', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const message = 'Balance charged successfully.';
      for (const balance of [30_000, 60_000]) {
        const answer = await client.charge(token, userId, 30_000);
        expect(must(answer, 200).body).toEqual({ userId, balance, message });
      }
    });

    it('needs an identity and no turn', () =>
      house.whilePaused(async () => {
        const userId = client.someone();
        must(await client.charge(await client.tokenOf(userId), userId, 1), 200);
      }));

    it('401 with a bad token or none', () =>
      refusesBadTokens((token) =>
        client.ask('POST', '/payment/charge', { token, body: { userId: 1, amount: 1 } }),
      ));

    it('403 for somebody else, and nothing happens; 404 for nobody', async () => {
      const [userId, other] = [client.someone(), client.someone()];
      const token = await client.tokenOf(userId);
      expect(await client.charge(token, other, 1_000)).toMatchObject(error(403, 'forbidden'));
      expect(await client.charge(token, NOBODY, 1_000)).toMatchObject(error(404, 'user not found'));
      expect(await client.balanceOf(await client.tokenOf(other), other)).toBe(0);
    });

    it('400 for an amount that is none', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      for (const amount of [...BAD_AMOUNTS, undefined]) {
        expect(await client.charge(token, userId, amount)).toMatchObject(error(400));
      }
      expect(await client.balanceOf(token, userId)).toBe(0);
    });
  });

  describe('7. GET /payment/balance', () => {
    it('gives userId and balance, in body or query', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      must(await client.charge(token, userId, 3_000), 200);
      for (const answer of [
        client.ask('GET', '/payment/balance', { token, body: { userId } }),
        client.ask('GET', `/payment/balance?userId=${userId}`, { token }),
        client.ask('GET', `/payment/balance/?userId=${userId}`, { token }),
      ]) {
        expect(must(await answer, 200).body).toEqual({ userId, balance: 3_000 });
      }
    });

    it('401 with a bad token or none', () =>
      refusesBadTokens((token) => client.ask('GET', '/payment/balance?userId=1', { token })));

    it('403 for somebody else, 404 for nobody, 400 for what cannot be a user', async () => {
      const token = await client.tokenOf(client.someone());
      const balance = (userId: unknown) =>
        client.ask('GET', '/payment/balance', { token, body: { userId } });
      expect(await balance(client.someone())).toMatchObject(error(403, 'forbidden'));
      expect(await balance(NOBODY)).toMatchObject(error(404, 'user not found'));
      for (const user of ['abc', 0, -1, 1.5, undefined]) {
        expect(await balance(user)).toMatchObject(error(400));
      }
    });
  });

  describe('8. POST /payment', () => {
    it('gives userId, status and message, and the seat is the user’s', async () => {
      const { userId, token } = await client.holder(SEAT_PRICE_KRW);
      expect(must(await client.pay(token, userId), 200).body).toEqual({ userId, ...PAID });
      expect(await house.reservationsOf(userId)).toMatchObject([{ state: 'CONFIRMED' }]);
    });

    it('uses the token up: 401 at the seats, though the balance can still be read', async () => {
      const { userId, token } = await client.holder(3 * SEAT_PRICE_KRW);
      must(await client.pay(token, userId), 200);
      for (const answer of [
        client.ask('GET', '/concert/available-dates', { token }),
        client.reserve(token, { userId, concertId: 1, seatNumber: client.freshSeat() }),
        client.pay(token, userId),
        client.status(token),
      ]) {
        expect(await answer).toMatchObject(error(401));
      }
      expect(await client.balanceOf(token, userId)).toBe(2 * SEAT_PRICE_KRW);
      const next = await client.tokenOf(userId);
      expect(next.slice(0, 36)).not.toBe(token.slice(0, 36));
      must(await client.ask('GET', '/concert/available-dates', { token: next }), 200);
    });

    it('pays everything that is held', async () => {
      const { userId, token } = await client.holder(3 * SEAT_PRICE_KRW, 3);
      expect(must(await client.pay(token, userId), 200).body).toEqual({ userId, ...PAID });
      const states = (await house.reservationsOf(userId)).map(({ state }) => state);
      expect(states).toEqual(['CONFIRMED', 'CONFIRMED', 'CONFIRMED']);
      expect(await client.balanceOf(token, userId)).toBe(0);
    });

    it('402 and nothing of it when the balance does not cover all', async () => {
      const { userId, token } = await client.holder(3 * SEAT_PRICE_KRW - 1, 3);
      expect(await client.pay(token, userId)).toMatchObject(error(402));
      const states = (await house.reservationsOf(userId)).map(({ state }) => state);
      expect(states).toEqual(['HELD', 'HELD', 'HELD']);
      expect(await client.balanceOf(token, userId)).toBe(3 * SEAT_PRICE_KRW - 1);
      must(await client.charge(token, userId, 1), 200);
      must(await client.pay(token, userId), 200);
    });

    it('happens once, however often it is asked for at the same time', async () => {
      const { userId, token } = await client.holder(5 * SEAT_PRICE_KRW);
      const answers = await Promise.all(Array.from({ length: 8 }, () => client.pay(token, userId)));
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
      expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
      expect(await client.balanceOf(token, userId)).toBe(4 * SEAT_PRICE_KRW);
    });

    it('404 when nothing is held', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      expect(await client.pay(token, userId)).toMatchObject(error(404));
    });

    it('401 with a bad token or none, in the words of the documents that share it', () =>
      refusesBadTokens((token) => client.pay(token, 1), 'Unauthorized request'));

    it('403 with the position while one waits, 401 when the token has ended', () =>
      house.refusesWhoeverHasNoTurn(client, (userId) => (token) => client.pay(token, userId)));

    it('403 for somebody else, and nothing happens; 400 for nobody in particular', async () => {
      const { userId, token } = await client.holder(SEAT_PRICE_KRW);
      const other = client.someone();
      const strange = await client.tokenOf(other);
      expect(await client.pay(strange, userId)).toMatchObject(error(403));
      expect(await client.pay(token, other)).toMatchObject(error(403));
      expect(await client.ask('POST', '/payment', { token, body: {} })).toMatchObject(error(400));
      expect(await house.reservationsOf(userId)).toMatchObject([{ state: 'HELD' }]);
    });
  });

  it('left the books of all services in agreement', async () => {
    await whole.books.quiet();
    expect(await whole.books.violations()).toEqual([]);
  });
});
