import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@encore/testing';
import { error, needsToken, pk } from '../support/booking-answers.js';
import { BookingClient } from '../support/booking-client.js';
import { must } from '../support/buying.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from '../support/whole-system.js';

const NO_ID = 9_999_999;

describe('booking', () => {
  let whole: WholeSystem;
  let client: BookingClient;

  beforeAll(async () => {
    whole = await bootWholeSystem();
    client = new BookingClient(whole.gateway, '/auth/token');
  });
  afterAll(async () => {
    await whole.end();
  });

  describe('9. POST /refunds', () => {
    const refund = (reservationId: unknown, jwt?: string) =>
      client.ask('POST', '/refunds', { jwt, body: { reservationId, reason: 'string' } });

    it('gives the message, and the money once', async () => {
      const { jwt, reservationId } = await client.buyer();
      expect(await client.balance(jwt)).toBe(0);
      const answer = must(await refund(Number(reservationId), jwt), 200);
      expect(answer.body).toMatchObject({ message: 'Refund processed successfully' });
      await eventually(async () => expect(await client.balance(jwt)).toBe(SEAT_PRICE_KRW));
      expect(await refund(reservationId, jwt)).toMatchObject(error(409, 'Refund not possible'));
      expect(await client.balance(jwt)).toBe(SEAT_PRICE_KRW);
    });

    it('gives the money for a reservation that was paid and cancelled', async () => {
      const { jwt, reservationId } = await client.buyer();
      must(await client.ask('DELETE', `/reservations/${reservationId}`, { jwt }), 200);
      must(await refund(reservationId, jwt), 200);
      await eventually(async () => expect(await client.balance(jwt)).toBe(SEAT_PRICE_KRW));
    });

    it('Unauthorized request', async () => {
      const { reservationId } = await client.buyer();
      await needsToken(client, (jwt) => refund(reservationId, jwt));
    });

    it('Invalid reservation', async () => {
      const { reservationId } = await client.buyer();
      const { jwt } = await client.somebody();
      expect(await refund(NO_ID, jwt)).toMatchObject(error(404, 'Invalid reservation'));
      expect(await refund(reservationId, jwt)).toMatchObject(error(403, 'Invalid reservation'));
    });

    it('Refund not possible', async () => {
      const { jwt, reservationId } = await client.holder();
      expect(await refund(reservationId, jwt)).toMatchObject(error(409, 'Refund not possible'));
    });
  });

  describe('10. GET /balance', () => {
    it('gives the balance', async () => {
      const { userId, jwt } = await client.somebody();
      const ask = () => client.ask('GET', '/balance', { jwt });
      expect(must(await ask(), 200).body).toEqual({ balance: 0 });
      must(await client.charge(userId, jwt, 20_000), 200);
      expect(must(await ask(), 200).body).toEqual({ balance: 20_000 });
    });

    it('needs a token', () => needsToken(client, (jwt) => client.ask('GET', '/balance', { jwt })));
  });

  describe('10. POST /balance', () => {
    it('gives the balance after it', async () => {
      const { userId, jwt } = await client.somebody();
      expect(must(await client.charge(userId, jwt, 10_000), 200).body).toEqual({ balance: 10_000 });
      expect(must(await client.charge(userId, jwt, 10_000), 200).body).toEqual({ balance: 20_000 });
    });

    it('refuses what is no amount, and another user', async () => {
      const { userId, jwt } = await client.somebody();
      for (const amount of [0, -1, 1.5, '10000', null, 10_000_001, 2 ** 53]) {
        const body = { userId, amount };
        expect((await client.ask('POST', '/balance', { jwt, body })).status).toBe(400);
      }
      const other = await client.charge(client.someone(), jwt, 10_000);
      expect(other).toMatchObject(error(403, 'Forbidden'));
      expect(await client.balance(jwt)).toBe(0);
    });

    it('needs a token', () =>
      needsToken(client, (jwt) =>
        client.ask('POST', '/balance', { jwt, body: { userId: '1', amount: 10_000 } }),
      ));
  });

  describe('11. POST /payment', () => {
    it('gives status and transactionId; the seat is bought and the turn over', async () => {
      const holder = await client.holder();
      const answer = must(await client.pay(holder), 200);
      expect(answer.body).toEqual({ status: 'success', transactionId: pk });
      const { jwt, reservationId } = holder;
      expect(await client.balance(jwt)).toBe(0);
      const bought = await client.ask('GET', `/reservations/${reservationId}`, { jwt });
      expect(must(bought, 200).body).toMatchObject({ reservation: { status: 'CONFIRMED' } });
      const dates = await client.ask('GET', '/dates', { jwt });
      expect(dates).toMatchObject(error(401, 'Unauthorized request'));
    });

    it('Payment failed: no money, a wrong amount, a reservation that is not one’s own', async () => {
      const poor = await client.holder();
      const spent = client.nextSeat();
      must(
        await client.ask('POST', '/reservations', {
          jwt: poor.jwt,
          body: { ...spent, token: poor.jwt },
        }),
        200,
      );
      expect(await client.pay(poor, 1)).toMatchObject(error(400, 'Payment failed'));
      const other = await client.holder();
      const foreign = { ...poor, reservationId: other.reservationId };
      expect(await client.pay(foreign)).toMatchObject(error(403, 'Payment failed'));
      const unknown = { ...poor, reservationId: String(NO_ID) };
      expect(await client.pay(unknown)).toMatchObject(error(404, 'Payment failed'));
      expect(await client.balance(poor.jwt)).toBe(SEAT_PRICE_KRW);
      const cancelled = await client.ask('DELETE', `/reservations/${poor.reservationId}`, {
        jwt: poor.jwt,
      });
      must(cancelled, 200);
      expect(await client.pay(poor)).toMatchObject(error(409, 'Payment failed'));
      expect(await client.balance(poor.jwt)).toBe(SEAT_PRICE_KRW);
    });

    it('Payment failed, when the money went elsewhere since the hold', async () => {
      const { userId, jwt } = await client.somebody(SEAT_PRICE_KRW);
      const hold = async () => {
        const seat = client.nextSeat();
        const body = { ...seat, token: jwt };
        const answer = await client.ask<{ reservationId: string }>('POST', '/reservations', {
          jwt,
          body,
        });
        return { userId, jwt, ...seat, reservationId: must(answer, 200).body.reservationId };
      };
      const [first, second] = [await hold(), await hold()];
      must(await client.pay(first), 200);
      await eventually(async () => {
        const joined = await client.ask('POST', '/auth/queue', { jwt });
        expect(joined.body).toMatchObject({ status: 'true' });
      });
      expect(await client.pay(second)).toMatchObject(error(402, 'Payment failed'));
    });

    it('refuses to pay as somebody else', async () => {
      const holder = await client.holder();
      const answer = await client.pay({ ...holder, userId: client.someone() });
      expect(answer).toMatchObject(error(403, 'Forbidden'));
      expect(await client.balance(holder.jwt)).toBe(SEAT_PRICE_KRW);
    });

    it('needs a token', async () => {
      const { reservationId, userId } = await client.holder();
      const body = { reservationId, userId, amount: SEAT_PRICE_KRW };
      await needsToken(client, (jwt) => client.ask('POST', '/payment', { jwt, body }));
    });
  });

  it('left the books of all services in agreement', async () => {
    expect(await whole.books.violations()).toEqual([]);
  });
});
