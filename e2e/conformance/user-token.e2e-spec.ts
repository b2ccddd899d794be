import { eventually } from '@encore/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { must } from '../support/buying.js';
import {
  BAD_TOKENS,
  error,
  FrontOfHouse,
  inSeoul,
  instantInSeoul,
  NO_ID,
  NOBODY,
  refusesBadTokens,
} from '../support/front-of-house.js';
import { UserTokenClient, type IssuedToken, type Place } from '../support/user-token-client.js';
import { bootWholeSystem, type WholeSystem } from '../support/whole-system.js';

const UUID_POSITION = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}_(\d+)$/;

describe('user-token', () => {
  let whole: WholeSystem;
  let house: FrontOfHouse;
  let client: UserTokenClient;
  /** The days of concert 1 in order. */
  let days: string[];

  beforeAll(async () => {
    whole = await bootWholeSystem();
    house = await FrontOfHouse.of(whole);
    client = new UserTokenClient(whole.gateway);
    const schedules = await house.schedulesOf(1);
    days = schedules.map(({ startsAt }) => inSeoul(startsAt).slice(0, 10));
  });
  afterAll(async () => {
    await whole.end();
  });

  describe('1. POST /user/token', () => {
    it('gives token, queuePosition and estimatedWaitTime to whoever asks', async () => {
      const answer = await client.ask<IssuedToken>('POST', '/user/token');
      expect(answer.headers['content-type']).toContain('application/json');
      expect(must(answer, 200).body).toMatchObject({
        token: expect.stringMatching(UUID_POSITION),
        queuePosition: 0,
        estimatedWaitTime: 0,
      });
    });

    it('puts the position behind the uuid while one waits, and the wait in seconds', () =>
      house.whilePaused(async () => {
        const first = must(await client.ask<IssuedToken>('POST', '/user/token/'), 200).body;
        const second = must(await client.ask<IssuedToken>('POST', '/user/token'), 200).body;
        expect(second.queuePosition).toBe(first.queuePosition + 1);
        expect(UUID_POSITION.exec(second.token)?.[1]).toBe(String(second.queuePosition));
        expect(Number.isInteger(second.estimatedWaitTime)).toBe(true);
        expect(second.estimatedWaitTime).toBeGreaterThan(0);
      }));

    it('gives a user the same place and token when asked again, in body or query', () =>
      house.whilePaused(async () => {
        const userId = client.someone();
        const inBody = await client.ask<IssuedToken>('POST', '/user/token', { body: { userId } });
        const { token, queuePosition } = must(inBody, 200).body;
        for (const asked of [
          client.ask<IssuedToken>('POST', `/user/token?userId=${userId}`),
          client.ask<IssuedToken>('POST', '/user/token', { body: { userId: String(userId) } }),
          client.ask<IssuedToken>('POST', '/user/token', { token }),
        ]) {
          expect(must(await asked, 200).body).toMatchObject({ token, queuePosition });
        }
      }));

    it('gives a guest the same token when it comes along, and another place when not', async () => {
      const token = await client.tokenOf();
      const again = await client.ask<IssuedToken>('POST', '/user/token', { token });
      expect(must(again, 200).body.token).toBe(token);
      expect(await client.tokenOf()).not.toBe(token);
    });

    it('gives a new token to whoever comes with one that has ended', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      await house.leave(userId);
      const asking = { token, body: { userId } };
      const answer = await client.ask<IssuedToken>('POST', '/user/token', asking);
      expect(must(answer, 200).body.token).not.toBe(token);
    });

    it('404 user not found; 400 for what cannot be a user', async () => {
      const nobody = await client.ask('POST', '/user/token', { body: { userId: NOBODY } });
      expect(nobody).toMatchObject(error(404, 'user not found'));
      for (const userId of [0, -1, 1.5, 'abc', {}, [1]]) {
        const answer = await client.ask('POST', '/user/token', { body: { userId } });
        expect(answer).toMatchObject(error(400));
      }
    });
  });

  describe('2. GET /user/token/status', () => {
    it('gives queuePosition and estimatedWaitTime: what is left to wait, then nothing', async () => {
      const userId = client.someone();
      const token = await house.whilePaused(async () => {
        const given = await client.tokenOf(userId);
        const waiting = must(await client.status(given), 200).body;
        expect(waiting).toMatchObject({
          queuePosition: Number(UUID_POSITION.exec(given)?.[1]),
          estimatedWaitTime: expect.any(Number),
        });
        expect(waiting.queuePosition).toBeGreaterThan(0);
        return given;
      });
      await eventually(async () =>
        expect(must(await client.status(token), 200).body).toMatchObject({
          queuePosition: 0,
          estimatedWaitTime: 0,
        }),
      );
    });

    it('takes the token by body, query or header', async () => {
      const token = await client.tokenOf(client.someone());
      const path = '/user/token/status';
      for (const answer of [
        client.ask<Place>('GET', path, { body: { token } }),
        client.ask<Place>('GET', `${path}?token=${token}`),
        client.ask<Place>('GET', `${path}/?token=${token}`),
        client.ask<Place>('GET', path, { token }),
        client.ask<Place>('GET', path, { headers: { authorization: token } }),
        client.ask<Place>('GET', path, { headers: { authorization: `Bearer ${token}` } }),
        client.ask<Place>('GET', path, { token, body: { token } }),
      ]) {
        expect(must(await answer, 200).body).toMatchObject({ queuePosition: 0 });
      }
    });

    it('never believes the position behind the uuid', () =>
      house.whilePaused(async () => {
        await client.tokenOf(client.someone());
        const token = await client.tokenOf(client.someone());
        const { queuePosition } = must(await client.status(token), 200).body;
        expect(queuePosition).toBeGreaterThan(1);
        const uuid = token.slice(0, 36);
        for (const lie of [`${uuid}_0`, `${uuid}_1`, `${uuid}_999999`, uuid]) {
          expect(must(await client.status(lie), 200).body.queuePosition).toBe(queuePosition);
        }
        const dates = await client.ask('GET', '/concert/available-dates', { token: `${uuid}_0` });
        expect(dates).toMatchObject(error(403));
      }));

    it('401 without a token, with a bad one and with one that has ended', async () => {
      const path = '/user/token/status';
      await refusesBadTokens((token) => client.ask('GET', path, { token }));
      for (const token of BAD_TOKENS.filter((bad) => !bad.includes(' '))) {
        expect(await client.status(token)).toMatchObject(error(401, 'invalid token'));
      }
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      await house.leave(userId);
      expect(await client.status(token)).toMatchObject(error(401));
      const { token: jwt } = await whole.person(userId);
      expect(await client.status(jwt)).toMatchObject(error(401));
    });

    it('403 with two tokens that differ', async () => {
      const [one, another] = [await client.tokenOf(), await client.tokenOf()];
      const asking = { token: one, body: { token: another } };
      expect(await client.ask('GET', '/user/token/status', asking)).toMatchObject(error(403));
    });
  });

  describe('3. GET /concert/available-dates', () => {
    const dates = (token?: string) => client.ask('GET', '/concert/available-dates', { token });

    it('gives availableDates: the days of all concerts, each once, in order', async () => {
      const all = await house.schedulesOf(2);
      const others = [...all, ...(await house.schedulesOf(3))];
      const expected = [...days, ...others.map(({ startsAt }) => inSeoul(startsAt).slice(0, 10))];
      const answer = await dates(await client.tokenOf(client.someone()));
      expect(must(answer, 200).body).toEqual({ availableDates: [...new Set(expected)].sort() });
    });

    it('lets a guest look', async () => {
      must(await dates(await client.tokenOf()), 200);
    });

    it('401 with a bad token or none', () => refusesBadTokens(dates));

    it('403 with the position while one waits, 401 when the token has ended', () =>
      house.refusesWhoeverHasNoTurn(client, () => dates));
  });

  describe('4. GET /concert/available-seats', () => {
    const path = '/concert/available-seats';
    const seats = (token: string | undefined, body: unknown) =>
      client.ask<{ availableSeats: number[] }>('GET', path, { token, body });

    it('gives availableSeats: the numbers that are free that day', async () => {
      const { token, userId } = await client.holder(0);
      const [held] = (await house.reservationsOf(userId))[0]!.seats;
      const asked = { concertId: 1, concertDate: days[0] };
      await eventually(async () => {
        const { availableSeats } = must(await seats(token, asked), 200).body;
        expect(availableSeats).not.toContain(held!.seatNumber);
        expect(availableSeats).toEqual([...availableSeats].sort((a, b) => a - b));
        expect(availableSeats.length).toBeGreaterThan(30);
        expect(availableSeats.filter((seat) => seat < 1 || seat > 50)).toEqual([]);
      });
      const query = await client.ask<{ availableSeats: number[] }>(
        'GET',
        `${path}/?concertId=1&concertDate=${days[3]}`,
        { token },
      );
      const everySeat = Array.from({ length: 50 }, (_, index) => index + 1);
      expect(must(query, 200).body).toEqual({ availableSeats: everySeat });
    });

    it('401 with a bad token or none', () =>
      refusesBadTokens((token) => seats(token, { concertId: 1, concertDate: days[0] })));

    it('403 with the position while one waits, 401 when the token has ended', () =>
      house.refusesWhoeverHasNoTurn(
        client,
        () => (token) => seats(token, { concertId: 1, concertDate: days[0] }),
      ));

    it('404 for a concert or a day that is not there', async () => {
      const token = await client.tokenOf(client.someone());
      const noConcert = await seats(token, { concertId: NO_ID, concertDate: days[0] });
      expect(noConcert).toMatchObject(error(404, 'concert not found'));
      const noDay = await seats(token, { concertId: 1, concertDate: '2020-01-01' });
      expect(noDay).toMatchObject(error(404, 'concert schedule not found'));
    });

    it('400 for what is not a concert and a day', async () => {
      const token = await client.tokenOf(client.someone());
      for (const body of [
        {},
        { concertId: 1 },
        { concertDate: days[0] },
        { concertId: 0, concertDate: days[0] },
        { concertId: 1, concertDate: 'YYYY-MM-DD' },
        { concertId: 1, concertDate: '2030-02-31' },
        { concertId: 1, concertDate: days[0], more: 1 },
      ]) {
        expect(await seats(token, body)).toMatchObject(error(400));
      }
    });
  });

  describe('5. POST /concert/reserve', () => {
    it('gives concertDate, seatNumber, status and expireAt', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const seatNumber = client.freshSeat();
      const before = Date.now();
      const answer = await client.reserve(token, { userId, concertId: 1, seatNumber });
      const { concertDate, expireAt, ...rest } = must(answer, 200).body;
      expect(rest).toMatchObject({ seatNumber, status: 'reserved' });
      expect(concertDate).toBe(days[0]);
      expect(expireAt).toMatch(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/);
      const endMs = instantInSeoul(expireAt);
      expect(endMs).toBeGreaterThan(before + 290_000);
      expect(endMs).toBeLessThanOrEqual(Date.now() + 300_000);
    });

    it('finds the next day on which the seat is free, for one person after another', async () => {
      const seatNumber = client.freshSeat();
      const got: string[] = [];
      for (const { length } = days; got.length < length;) {
        const userId = client.someone();
        const token = await client.tokenOf(userId);
        const answer = await client.reserve(token, { userId, concertId: 1, seatNumber });
        got.push(must(answer, 200).body.concertDate);
      }
      expect(got).toEqual(days);
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const late = await client.reserve(token, { userId, concertId: 1, seatNumber });
      expect(late).toMatchObject(error(409, expect.stringContaining(String(seatNumber))));
    });

    it('takes a concertDate, and 409 then names the seat that is taken', async () => {
      const seatNumber = client.freshSeat();
      const wanted = { concertId: 1, seatNumber, concertDate: days[2] };
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const got = await client.reserve(token, { ...wanted, userId: String(userId) });
      expect(must(got, 200).body).toMatchObject({ concertDate: days[2], seatNumber });
      const other = client.someone();
      const late = await client.reserve(await client.tokenOf(other), { ...wanted, userId: other });
      expect(late).toMatchObject(error(409, expect.stringContaining(String(seatNumber))));
      expect(await house.reservationsOf(other)).toEqual([]);
    });

    it('gives the first answer again for the same Idempotency-Key', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const body = { userId, concertId: 1, seatNumber: client.freshSeat() };
      const headers = { 'idempotency-key': 'reserve-once' };
      const send = () => client.ask('POST', '/concert/reserve', { token, body, headers });
      const first = must(await send(), 200).body;
      expect(must(await send(), 200).body).toEqual(first);
      expect(await house.reservationsOf(userId)).toHaveLength(1);
    });

    it('binds the token of a guest for good to the first user it acts for', async () => {
      const token = await client.tokenOf();
      const [userId, other] = [client.someone(), client.someone()];
      const seatNumber = client.freshSeat();
      must(await client.reserve(token, { userId, concertId: 1, seatNumber }), 200);
      expect(await house.reservationsOf(userId)).toHaveLength(1);
      const body = { userId: other, concertId: 1, seatNumber: client.freshSeat() };
      expect(await client.reserve(token, body)).toMatchObject(error(403, 'forbidden'));
      expect(await house.reservationsOf(other)).toEqual([]);
      expect((await client.tokenOf(userId)).slice(0, 36)).toBe(token.slice(0, 36));
      expect((await client.tokenOf(other)).slice(0, 36)).not.toBe(token.slice(0, 36));
    });

    it('403 in the name of somebody else, and nothing happens', async () => {
      const [userId, other] = [client.someone(), client.someone()];
      const token = await client.tokenOf(userId);
      const body = { userId: other, concertId: 1, seatNumber: client.freshSeat() };
      expect(await client.reserve(token, body)).toMatchObject(error(403, 'forbidden'));
      const right = { ...body, userId };
      const headers = { 'user-id': String(other) };
      const named = await client.ask('POST', '/concert/reserve', { token, body: right, headers });
      expect(named).toMatchObject(error(403, 'forbidden'));
      expect([
        ...(await house.reservationsOf(userId)),
        ...(await house.reservationsOf(other)),
      ]).toEqual([]);
    });

    it('401 with a bad token or none', () =>
      refusesBadTokens((token) =>
        client.reserve(token, { userId: 1, concertId: 1, seatNumber: 1 }),
      ));

    it('403 with the position while one waits, 401 when the token has ended', () =>
      house.refusesWhoeverHasNoTurn(
        client,
        (userId) => (token) => client.reserve(token, { userId, concertId: 1, seatNumber: 1 }),
      ));

    it('404 for a concert, a day and a seat that is not there', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const wanted = { userId, concertId: 1, seatNumber: client.freshSeat() };
      const without = (wrong: object) => client.reserve(token, { ...wanted, ...wrong });
      expect(await without({ concertId: NO_ID })).toMatchObject(error(404, 'concert not found'));
      expect(await without({ concertDate: '2020-01-01' })).toMatchObject(
        error(404, 'concert schedule not found'),
      );
      expect(await without({ seatNumber: 51 })).toMatchObject(error(404, 'seat not found'));
      expect(await house.reservationsOf(userId)).toEqual([]);
    });

    it('400 for what is not a user, a concert and a seat', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const right = { userId, concertId: 1, seatNumber: client.freshSeat() };
      for (const wrong of [
        { userId: undefined },
        { concertId: undefined },
        { concertId: 'abc' },
        { seatNumber: undefined },
        { seatNumber: 0 },
        { seatNumber: -1 },
        { seatNumber: 1.5 },
        { seatNumber: [1] },
        { concertDate: 'tomorrow' },
        { more: 1 },
      ]) {
        expect(await client.reserve(token, { ...right, ...wrong })).toMatchObject(error(400));
      }
      expect(await house.reservationsOf(userId)).toEqual([]);
    });
  });

  it('left the books of all services in agreement', async () => {
    await whole.books.quiet();
    expect(await whole.books.violations()).toEqual([]);
  });
});
