import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@encore/testing';
import { duration, error, jwtText, needsToken, pk } from '../support/booking-answers.js';
import { BookingClient } from '../support/booking-client.js';
import { must } from '../support/buying.js';
import { Person } from '../support/person.js';
import type { Sent } from '../support/send.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from '../support/whole-system.js';

const NO_ID = 9_999_999;
const NOBODY = '999999';
const DATE = /^\d{4}-\d{2}-\d{2}$/;

describe('booking', () => {
  let whole: WholeSystem;
  let organiser: Person;
  let client: BookingClient;

  beforeAll(async () => {
    whole = await bootWholeSystem();
    client = new BookingClient(whole.gateway, '/auth/token');
    organiser = await Person.as(whole.gateway, 1_000, ['organiser']);
  });
  afterAll(async () => {
    await whole.end();
  });

  /** While nobody is let in. */
  async function waiting<Result>(work: () => Promise<Result>): Promise<Result> {
    const pausing = (paused: boolean) =>
      organiser.call('PUT', '/v1/admin/waiting-rooms/default', { body: { paused } });
    must(await pausing(true), 200);
    try {
      return await work();
    } finally {
      must(await pausing(false), 200);
    }
  }

  /** What is answered before it is one's turn, and after one's turn is over. */
  async function needsTurn(ask: (jwt: string) => Promise<Sent>): Promise<void> {
    const early = await waiting(async () => ask(await client.jwtOf(client.someone())));
    expect(early).toMatchObject(error(403, 'It is not your turn yet: position 1.'));
    const { jwt } = await client.buyer();
    expect(await ask(jwt)).toMatchObject(error(401, 'Unauthorized request'));
  }

  describe('1. POST /auth/token', () => {
    it('gives token, expiresIn and queueInfo for { "userId": "PK" }', async () => {
      const answer = await client.ask('POST', '/auth/token', { body: { userId: '1' } });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toContain('application/json');
      expect(answer.body).toMatchObject({
        token: jwtText,
        expiresIn: '1h',
        queueInfo: { position: 0, waitTime: '0s' },
      });
    });

    it('takes the id as a number too', async () => {
      const userId = Number(client.someone());
      must(await client.ask('POST', '/auth/token', { body: { userId } }), 200);
    });

    it('gives the place and the time to whoever has to wait, and the same token again', async () => {
      const userId = client.someone();
      const ask = () => client.ask('POST', '/auth/token', { body: { userId } });
      const [first, again] = await waiting(async () => [await ask(), await ask()]);
      expect(must(first, 200).body).toMatchObject({
        queueInfo: { position: 1, waitTime: duration },
      });
      expect(again.body['token']).toBe(first.body['token']);
      expect((await ask()).body['token']).toBe(first.body['token']);
    });

    it('gives none to a user who does not exist, nor for what is no user', async () => {
      const ask = (userId: unknown) => client.ask('POST', '/auth/token', { body: { userId } });
      expect(await ask(NOBODY)).toMatchObject(error(404, 'user not found'));
      for (const wrong of ['', 'abc', '-1', 0, 1.5, null, {}, undefined]) {
        expect((await ask(wrong)).status).toBe(400);
      }
    });

    it('gives none for somebody else than the one whose token comes along', async () => {
      const jwt = await client.jwtOf(client.someone());
      const answer = await client.ask('POST', '/auth/token', { jwt, body: { userId: '1' } });
      expect(answer).toMatchObject(error(403, 'Forbidden'));
    });
  });

  describe('2. POST /auth/queue', () => {
    it('gives status and position', async () => {
      const { jwt } = await client.somebody();
      const answer = must(await client.ask('POST', '/auth/queue', { jwt }), 200);
      expect(answer.body).toEqual({ status: 'true', position: 0 });
    });

    it('gives the live place again, and a new one after a payment', async () => {
      const early = await waiting(async () => {
        const jwt = await client.jwtOf(client.someone());
        return client.ask('POST', '/auth/queue', { jwt });
      });
      expect(must(early, 200).body).toEqual({ status: 'false', position: 1 });
      const { jwt } = await client.buyer();
      const joined = await client.ask('POST', '/auth/queue', { jwt });
      expect(must(joined, 200).body).toEqual({ status: 'true', position: 0 });
    });

    it('needs a token', () =>
      needsToken(client, (jwt) => client.ask('POST', '/auth/queue', { jwt })));
  });

  describe('3. GET /auth/queue', () => {
    it('gives status "false" with the position, then "true"', async () => {
      const jwt = await waiting(async () => {
        const waiter = await client.jwtOf(client.someone());
        const answer = must(await client.ask('GET', '/auth/queue', { jwt: waiter }), 200);
        expect(answer.body).toEqual({ status: 'false', position: 1 });
        return waiter;
      });
      await eventually(async () => {
        const answer = must(await client.ask('GET', '/auth/queue', { jwt }), 200);
        expect(answer.body).toEqual({ status: 'true', position: 0 });
      });
    });

    it('gives status "false" after a payment', async () => {
      const { jwt } = await client.buyer();
      const answer = must(await client.ask('GET', '/auth/queue', { jwt }), 200);
      expect(answer.body).toEqual({ status: 'false', position: 0 });
    });

    it('takes the token in every way', async () => {
      const { jwt } = await client.somebody();
      const ways = [
        { authorization: `Bearer ${jwt}` },
        { authorization: jwt },
        { token: jwt },
        { authorization: `Bearer ${jwt}`, token: jwt },
      ];
      for (const headers of ways) {
        for (const path of ['/auth/queue', '/auth/queue/']) {
          must(await client.ask('GET', path, { headers }), 200);
        }
      }
      const other = await client.jwtOf(client.someone());
      const two = { authorization: `Bearer ${jwt}`, token: other };
      const answer = await client.ask('GET', '/auth/queue', { headers: two });
      expect(answer).toMatchObject(error(403, 'Forbidden'));
    });

    it('needs a token', () =>
      needsToken(client, (jwt) => client.ask('GET', '/auth/queue', { jwt })));
  });

  describe('4. GET /dates', () => {
    it('gives dates, each once and in order, and what can be booked on them', async () => {
      const { jwt } = await client.somebody();
      const answer = must(
        await client.ask<{ dates: string[]; concertDetails: { date: string }[] }>('GET', '/dates', {
          jwt,
        }),
        200,
      );
      const { dates, concertDetails } = answer.body;
      expect(dates.length).toBeGreaterThanOrEqual(4);
      for (const date of dates) expect(date).toMatch(DATE);
      expect(dates).toEqual([...new Set(dates)].sort());
      expect(concertDetails).toHaveLength(12);
      for (const one of concertDetails) {
        expect(one).toEqual({
          concertDetailId: expect.any(Number),
          concertId: expect.any(Number),
          concertName: expect.any(String),
          date: expect.stringMatching(DATE),
          startsAt: expect.any(String),
          remaining: expect.any(Number),
        });
      }
      expect([...new Set(concertDetails.map(({ date }) => date))].sort()).toEqual(dates);
    });

    it('needs a token', () => needsToken(client, (jwt) => client.ask('GET', '/dates', { jwt })));
    it('needs one’s turn', () => needsTurn((jwt) => client.ask('GET', '/dates', { jwt })));
  });

  describe('4. GET /dates/:concertDetailId', () => {
    it('gives the numbers of the free seats', async () => {
      const { jwt } = await client.somebody();
      const seatsOf = async (schedule: number) => {
        const path = `/dates/${schedule}`;
        const answer = await client.ask<{ seats: number[] }>('GET', path, { jwt });
        return must(answer, 200).body;
      };
      expect(await seatsOf(12)).toEqual({
        seats: Array.from({ length: 50 }, (_, index) => index + 1),
      });
      const { concertDetailId, seatNumber } = await client.holder();
      await eventually(async () => {
        expect((await seatsOf(concertDetailId)).seats).not.toContain(seatNumber);
      });
    });

    it('knows no other schedules', async () => {
      const { jwt } = await client.somebody();
      expect((await client.ask('GET', `/dates/${NO_ID}`, { jwt })).status).toBe(404);
      expect((await client.ask('GET', '/dates/2024-07-01', { jwt })).status).toBe(400);
    });

    it('needs a token', () => needsToken(client, (jwt) => client.ask('GET', '/dates/1', { jwt })));
    it('needs one’s turn', () => needsTurn((jwt) => client.ask('GET', '/dates/1', { jwt })));
  });

  describe('5. POST /reservations', () => {
    const reserve = (jwt: string | undefined, body: object) =>
      client.ask('POST', '/reservations', { jwt, body });

    it('gives the reservation and expiresIn', async () => {
      const { userId, jwt } = await client.somebody(SEAT_PRICE_KRW);
      const seat = client.nextSeat();
      const answer = must(await reserve(jwt, { ...seat, token: jwt }), 200);
      expect(answer.body).toMatchObject({
        reservation: { ...seat, reservationId: pk, userId, status: 'HELD' },
        expiresIn: '5m',
      });
    });

    it('takes the token of the body alone; another one than the header’s is refused', async () => {
      const { jwt } = await client.somebody(SEAT_PRICE_KRW);
      const other = await client.jwtOf(client.someone());
      const two = await reserve(jwt, { ...client.nextSeat(), token: other });
      expect(two).toMatchObject(error(403, 'Forbidden'));
      must(await reserve(undefined, { ...client.nextSeat(), token: jwt }), 200);
    });

    it('Seat is not available', async () => {
      const { concertDetailId, seatNumber } = await client.holder();
      const { jwt } = await client.somebody(SEAT_PRICE_KRW);
      const taken = await reserve(jwt, { concertDetailId, seatNumber, token: jwt });
      expect(taken).toMatchObject(error(409, 'Seat is not available'));
      const none = await reserve(jwt, { concertDetailId, seatNumber: 51, token: jwt });
      expect(none).toMatchObject(error(404, 'Seat is not available'));
    });

    it('Insufficient balance', async () => {
      const { jwt } = await client.somebody(SEAT_PRICE_KRW - 1);
      const seat = client.nextSeat();
      const answer = await reserve(jwt, { ...seat, token: jwt });
      expect(answer).toMatchObject(error(402, 'Insufficient balance'));
      const { jwt: richer } = await client.somebody(SEAT_PRICE_KRW);
      must(await reserve(richer, { ...seat, token: richer }), 200);
    });

    it('refuses what is no seat, and holds nothing', async () => {
      const { jwt } = await client.somebody(SEAT_PRICE_KRW);
      for (const wrong of [{ seatNumber: 0 }, { seatNumber: '1' }, { concertDetailId: 'x' }, {}]) {
        const body = Object.keys(wrong).length === 0 ? {} : { ...client.nextSeat(), ...wrong };
        expect((await reserve(jwt, body)).status).toBe(400);
      }
      const listed = must(await client.ask('GET', '/reservations', { jwt }), 200);
      expect(listed.body).toMatchObject({ reservations: [] });
    });

    it('needs a token', () => needsToken(client, (jwt) => reserve(jwt, client.nextSeat())));
    it('needs one’s turn', () => needsTurn((jwt) => reserve(jwt, client.nextSeat())));
  });

  describe('6. GET /reservations', () => {
    it('gives the own reservations', async () => {
      const { userId, jwt, reservationId } = await client.holder();
      const answer = must(await client.ask('GET', '/reservations', { jwt }), 200);
      expect(answer.body).toMatchObject({ reservations: [{ reservationId, userId }] });
    });

    it('is open without a turn', async () => {
      const { jwt, reservationId } = await client.buyer();
      const answer = must(await client.ask('GET', '/reservations', { jwt }), 200);
      expect(answer.body).toMatchObject({ reservations: [{ reservationId, status: 'CONFIRMED' }] });
    });

    it('Unauthorized request', () =>
      needsToken(client, (jwt) => client.ask('GET', '/reservations', { jwt })));
  });

  describe('7. GET /reservations/:id', () => {
    it('gives the reservation', async () => {
      const { userId, jwt, reservationId, concertDetailId, seatNumber } = await client.holder();
      const path = `/reservations/${reservationId}`;
      const answer = must(await client.ask('GET', path, { jwt }), 200);
      expect(answer.body).toMatchObject({
        reservation: { reservationId, userId, concertDetailId, seatNumber, status: 'HELD' },
      });
    });

    it('Unauthorized request', async () => {
      const { reservationId } = await client.holder();
      await needsToken(client, (jwt) =>
        client.ask('GET', `/reservations/${reservationId}`, { jwt }),
      );
    });

    it('Forbidden', async () => {
      const { reservationId } = await client.holder();
      const { jwt } = await client.somebody();
      const answer = await client.ask('GET', `/reservations/${reservationId}`, { jwt });
      expect(answer).toMatchObject(error(403, 'Forbidden'));
    });

    it('Reservation not found', async () => {
      const { jwt } = await client.somebody();
      const answer = await client.ask('GET', `/reservations/${NO_ID}`, { jwt });
      expect(answer).toMatchObject(error(404, 'Reservation not found'));
    });
  });

  describe('8. DELETE /reservations/:id', () => {
    const cancel = (reservationId: string | number, jwt?: string) =>
      client.ask('DELETE', `/reservations/${reservationId}`, { jwt });

    it('gives the message; the seat is free again', async () => {
      const { jwt, reservationId, concertDetailId, seatNumber } = await client.holder();
      const answer = must(await cancel(reservationId, jwt), 200);
      expect(answer.body).toMatchObject({ message: 'Reservation cancelled successfully' });
      const { jwt: next } = await client.somebody(SEAT_PRICE_KRW);
      const body = { concertDetailId, seatNumber, token: next };
      must(await client.ask('POST', '/reservations', { jwt: next, body }), 200);
    });

    it('Unauthorized request', async () => {
      const { reservationId } = await client.holder();
      await needsToken(client, (jwt) => cancel(reservationId, jwt));
    });

    it('Forbidden', async () => {
      const { jwt: owner, reservationId } = await client.holder();
      const { jwt } = await client.somebody();
      expect(await cancel(reservationId, jwt)).toMatchObject(error(403, 'Forbidden'));
      const left = await client.ask('GET', `/reservations/${reservationId}`, { jwt: owner });
      expect(must(left, 200).body).toMatchObject({ reservation: { status: 'HELD' } });
    });

    it('Reservation not found', async () => {
      const { jwt } = await client.somebody();
      expect(await cancel(NO_ID, jwt)).toMatchObject(error(404, 'Reservation not found'));
    });
  });

  it('left the books of all services in agreement', async () => {
    expect(await whole.books.violations()).toEqual([]);
  });
});
