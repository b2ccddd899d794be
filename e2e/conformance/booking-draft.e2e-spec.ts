import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@encore/testing';
import { BookingClient } from '../support/booking-client.js';
import { must } from '../support/buying.js';
import type { Sent } from '../support/send.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from '../support/whole-system.js';

const NO_ID = 9_999_999;
/** `"PK"` */
const pk: unknown = expect.stringMatching(/^[1-9]\d*$/);
const jwtText: unknown = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/);
const duration: unknown = expect.stringMatching(/^\d+[smh]$/);
const text: unknown = expect.any(String);
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const date: unknown = expect.stringMatching(DATE);
/** The draft leaves open how times look: ISO-8601 with its zone says what it means. */
const instant: unknown = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
/** The draft documents no errors; they look like those of what became of it. */
const anError: unknown = { error: text, requestId: text };

describe('booking-draft', () => {
  let whole: WholeSystem;
  let client: BookingClient;

  beforeAll(async () => {
    whole = await bootWholeSystem();
    client = new BookingClient(whole.gateway, '/token');
  });
  afterAll(async () => {
    await whole.end();
  });

  async function needsToken(ask: (jwt?: string) => Promise<Sent>): Promise<void> {
    for (const bad of [undefined, 'garbage', '1.2.3']) {
      expect(await ask(bad)).toMatchObject({ status: 401, body: anError });
    }
  }

  /** What can be booked first, and the day it is on. */
  async function firstDay(jwt: string): Promise<{ concertDetailId: number; day: string }> {
    const answer = await client.ask<{
      concertDetails: { concertDetailId: number; concertId: number; date: string }[];
    }>('GET', '/dates', { jwt });
    const details = must(answer, 200).body.concertDetails;
    const first = details.find(({ concertId }) => concertId === 1);
    if (first === undefined) throw new Error('nothing can be booked');
    return { concertDetailId: first.concertDetailId, day: first.date };
  }

  describe('POST /token', () => {
    it('gives token and queueInfo for { "userId": "PK" }', async () => {
      const ask = () => client.ask('POST', '/token', { body: { userId: '900' } });
      const answer = must(await ask(), 200);
      expect(answer.body).toMatchObject({
        token: jwtText,
        queueInfo: { position: 0, waitTime: duration },
      });
      expect((await ask()).body['token']).toBe(answer.body['token']);
    });

    it('gives none for nobody', async () => {
      const answer = await client.ask('POST', '/token', { body: { userId: '999999' } });
      expect(answer).toMatchObject({ status: 404, body: anError });
    });
  });

  describe('GET /dates', () => {
    it('gives dates', async () => {
      const { jwt } = await client.somebody();
      const answer = await client.ask<{ dates: string[] }>('GET', '/dates', { jwt });
      const { dates } = must(answer, 200).body;
      expect(dates.length).toBeGreaterThanOrEqual(4);
      expect(dates.filter((one) => !DATE.test(one))).toEqual([]);
    });

    it('needs a token', () => needsToken((jwt) => client.ask('GET', '/dates', { jwt })));
  });

  describe('GET /dates/:date/seats', () => {
    it('gives the numbers of the seats that are free that day', async () => {
      const { jwt } = await client.somebody();
      const { day } = await firstDay(jwt);
      const seatsOf = async (query = '') => {
        const answer = await client.ask<{ seats: number[] }>('GET', `/dates/${day}/seats${query}`, {
          jwt,
        });
        return must(answer, 200).body;
      };
      expect(await seatsOf()).toEqual({ seats: Array.from({ length: 50 }, (_, at) => at + 1) });
      const { jwt: holder } = await client.somebody(SEAT_PRICE_KRW);
      const body = { date: day, seatNumber: 50, token: holder };
      must(await client.ask('POST', '/reservations', { jwt: holder, body }), 200);
      await eventually(async () => {
        expect((await seatsOf('?concertId=1')).seats).not.toContain(50);
      });
    });

    it('knows no day without a concert, and no day that is none', async () => {
      const { jwt } = await client.somebody();
      const statusOf = async (day: string) =>
        (await client.ask('GET', `/dates/${day}/seats`, { jwt })).status;
      expect(await statusOf('2024-07-01')).toBe(404);
      for (const wrong of ['2024-02-30', '2024-7-1', 'tomorrow', '1']) {
        expect(await statusOf(wrong)).toBe(400);
      }
    });

    it('needs a token', () =>
      needsToken((jwt) => client.ask('GET', '/dates/2024-07-01/seats', { jwt })));
  });

  describe('POST /reservations', () => {
    it('gives reservationId and expiresIn for { date, seatNumber, token }', async () => {
      const { jwt } = await client.somebody(SEAT_PRICE_KRW);
      const { day, concertDetailId } = await firstDay(jwt);
      const body = { date: day, seatNumber: 49, token: jwt };
      const answer = must(await client.ask('POST', '/reservations', { jwt, body }), 200);
      expect(answer.body).toMatchObject({ reservationId: pk, expiresIn: '5m' });
      expect(answer.body).toMatchObject({ reservation: { concertDetailId, date: day } });
    });

    it('refuses a taken seat, a day without a concert, and both a day and an id', async () => {
      const { jwt } = await client.somebody(SEAT_PRICE_KRW);
      const { day, concertDetailId } = await firstDay(jwt);
      const statusOf = async (wanted: object) => {
        const body = { seatNumber: 48, token: jwt, ...wanted };
        const answer = await client.ask('POST', '/reservations', { jwt, body });
        if (answer.status !== 200) expect(answer.body).toMatchObject(anError as object);
        return answer.status;
      };
      expect(await statusOf({ date: day })).toBe(200);
      expect(await statusOf({ date: day })).toBe(409);
      expect(await statusOf({ date: '2024-07-01' })).toBe(404);
      expect(await statusOf({ date: day, concertDetailId })).toBe(400);
      expect(await statusOf({})).toBe(400);
    });

    it('needs a token', () =>
      needsToken((jwt) =>
        client.ask('POST', '/reservations', { jwt, body: { date: '2024-07-01', seatNumber: 1 } }),
      ));
  });

  describe('GET /reservations/:id', () => {
    it('gives reservationId, userId, date, seatNumber, status, createdAt and expiresAt', async () => {
      const { userId, jwt, reservationId, seatNumber } = await client.holder();
      const answer = await client.ask('GET', `/reservations/${reservationId}`, { jwt });
      expect(must(answer, 200).body).toMatchObject({
        reservationId,
        userId,
        date,
        seatNumber,
        status: 'HELD',
        createdAt: instant,
        expiresAt: instant,
      });
    });

    it('shows nothing to others', async () => {
      const { reservationId } = await client.holder();
      const path = `/reservations/${reservationId}`;
      const { jwt } = await client.somebody();
      expect((await client.ask('GET', path, { jwt })).status).toBe(403);
      expect((await client.ask('GET', `/reservations/${NO_ID}`, { jwt })).status).toBe(404);
      await needsToken((bad) => client.ask('GET', path, { jwt: bad }));
    });
  });

  describe('DELETE /reservations/:id', () => {
    it('gives status', async () => {
      const { jwt, reservationId } = await client.holder();
      const answer = await client.ask('DELETE', `/reservations/${reservationId}`, { jwt });
      expect(must(answer, 200).body).toMatchObject({ status: 'RELEASED' });
    });

    it('cancels nothing of others', async () => {
      const { reservationId } = await client.holder();
      const path = `/reservations/${reservationId}`;
      const { jwt } = await client.somebody();
      expect((await client.ask('DELETE', path, { jwt })).status).toBe(403);
      await needsToken((bad) => client.ask('DELETE', path, { jwt: bad }));
    });
  });

  describe('POST /balance', () => {
    it('gives the balance after it', async () => {
      const { userId, jwt } = await client.somebody();
      const body = { userId, amount: 10_000 };
      const answer = await client.ask('POST', '/balance', { jwt, body });
      expect(must(answer, 200).body).toEqual({ balance: 10_000 });
    });

    it('needs a token', () =>
      needsToken((jwt) =>
        client.ask('POST', '/balance', { jwt, body: { userId: '1', amount: 1 } }),
      ));
  });

  describe('GET /balance', () => {
    it('gives the balance for { "userId": "PK" }, as a body, as a query, or without', async () => {
      const { userId, jwt } = await client.somebody(20_000);
      const asked = [
        await client.ask('GET', '/balance', { jwt, body: { userId } }),
        await client.ask('GET', '/balance', { jwt, body: { userId: Number(userId) } }),
        await client.ask('GET', `/balance?userId=${userId}`, { jwt }),
        await client.ask('GET', '/balance', { jwt }),
      ];
      for (const answer of asked) expect(must(answer, 200).body).toEqual({ balance: 20_000 });
    });

    it('gives nobody else’s', async () => {
      const { jwt } = await client.somebody();
      const other = client.someone();
      const asked = [
        await client.ask('GET', '/balance', { jwt, body: { userId: other } }),
        await client.ask('GET', `/balance?userId=${other}`, { jwt }),
        await client.ask('GET', '/balance', { jwt, headers: { 'user-id': other } }),
      ];
      expect(asked.map(({ status }) => status)).toEqual([403, 403, 403]);
      await needsToken((bad) => client.ask('GET', '/balance', { jwt: bad }));
    });
  });

  describe('POST /payment', () => {
    it('gives status and transactionId', async () => {
      const answer = must(await client.pay(await client.holder()), 200);
      expect(answer.body).toEqual({ status: 'success', transactionId: pk });
    });

    it('refuses a wrong amount', async () => {
      const holder = await client.holder();
      expect(await client.pay(holder, 1)).toMatchObject({ status: 400, body: anError });
      must(await client.pay(holder), 200);
    });

    it('needs a token', () =>
      needsToken((jwt) =>
        client.ask('POST', '/payment', { jwt, body: { reservationId: '1', userId: '1' } }),
      ));
  });

  describe('POST /refunds', () => {
    it('gives refundId, amount and status for { reservationId }, and needs no reason', async () => {
      const { jwt, reservationId } = await client.buyer();
      must(await client.ask('DELETE', `/reservations/${reservationId}`, { jwt }), 200);
      const body = { reservationId };
      const answer = must(await client.ask('POST', '/refunds', { jwt, body }), 200);
      expect(answer.body).toMatchObject({
        refundId: pk,
        amount: SEAT_PRICE_KRW,
        status: 'COMPLETED',
      });
      await eventually(async () => expect(await client.balance(jwt)).toBe(SEAT_PRICE_KRW));
    });

    it('refunds nothing that was not paid', async () => {
      const { jwt, reservationId } = await client.holder();
      const answer = await client.ask('POST', '/refunds', { jwt, body: { reservationId } });
      expect(answer).toMatchObject({ status: 409, body: anError });
      await needsToken((bad) =>
        client.ask('POST', '/refunds', { jwt: bad, body: { reservationId } }),
      );
    });
  });

  describe('GET /seats/:id', () => {
    it('gives seatId, number, status and price', async () => {
      const { jwt } = await client.somebody();
      const seatOf = async (id: number) =>
        must(await client.ask('GET', `/seats/${id}`, { jwt }), 200).body;
      expect(await seatOf(1)).toEqual({
        seatId: 1,
        number: expect.any(Number),
        status: text,
        price: SEAT_PRICE_KRW,
        concertDetailId: expect.any(Number),
      });
      const seats = await Promise.all(Array.from({ length: 50 }, (_, at) => seatOf(at + 1)));
      const { concertDetailId, seatNumber } = await client.holder();
      const held = seats.find(
        (seat) => seat['number'] === seatNumber && seat['concertDetailId'] === concertDetailId,
      );
      expect(held).toMatchObject({ status: 'FREE' });
      await eventually(async () => {
        expect(await seatOf(Number(held?.['seatId']))).toMatchObject({ status: 'HELD' });
      });
    });

    it('knows no other seats', async () => {
      const { jwt } = await client.somebody();
      const answer = await client.ask('GET', `/seats/${NO_ID}`, { jwt });
      expect(answer).toMatchObject({ status: 404, body: anError });
      await needsToken((bad) => client.ask('GET', '/seats/1', { jwt: bad }));
    });
  });

  describe('GET /payments', () => {
    it('gives payments and total, page by page', async () => {
      const { userId, jwt, reservationId } = await client.buyer();
      const pageOf = async (query: string) =>
        must(await client.ask('GET', `/payments?userId=${userId}${query}`, { jwt }), 200).body;
      const payment = {
        paymentId: pk,
        reservationId,
        userId,
        amount: SEAT_PRICE_KRW,
        status: 'COMPLETED',
        createdAt: instant,
      };
      expect(await pageOf('&page=1&limit=10')).toEqual({ payments: [payment], total: 1 });
      expect(await pageOf('&page=2&limit=10')).toEqual({ payments: [], total: 1 });
      expect(await pageOf('')).toEqual({ payments: [payment], total: 1 });
    });

    it('gives nobody else’s, and no page that is none', async () => {
      const { jwt } = await client.somebody();
      const other = await client.ask('GET', `/payments?userId=${client.someone()}`, { jwt });
      expect(other).toMatchObject({ status: 403, body: anError });
      for (const wrong of ['page=0', 'limit=101', 'page=a', 'userId=x']) {
        const answer = await client.ask('GET', `/payments?${wrong}`, { jwt });
        expect(answer).toMatchObject({ status: 400, body: anError });
      }
      await needsToken((bad) => client.ask('GET', '/payments', { jwt: bad }));
    });
  });

  it('left the books of all services in agreement', async () => {
    expect(await whole.books.violations()).toEqual([]);
  });
});
