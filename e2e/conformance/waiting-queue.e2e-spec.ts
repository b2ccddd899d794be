import { eventually } from '@encore/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { must } from '../support/buying.js';
import {
  error,
  FrontOfHouse,
  inSeoul,
  instantInSeoul,
  NO_ID,
  NOBODY,
  NOT_USERS,
  refusesBadTokens,
} from '../support/front-of-house.js';
import { WaitingQueueClient, type Seat } from '../support/waiting-queue-client.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from '../support/whole-system.js';

const localDateTime: unknown = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);
const text: unknown = expect.any(String);
const long: unknown = expect.any(Number);

describe('waiting-queue', () => {
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

  describe('1. POST /api/waiting-queue/', () => {
    it('gives userId, token, tokenCreated, tokenExpiry and tokenStatus', async () => {
      const userId = client.someone();
      const before = Date.now();
      const answer = await client.issue(userId);
      expect(answer.headers['content-type']).toContain('application/json');
      const { tokenCreated, tokenExpiry, ...rest } = must(answer, 200).body;
      expect(rest).toMatchObject({ userId, token: text, tokenStatus: '활성' });
      expect([tokenCreated, tokenExpiry]).toEqual([localDateTime, localDateTime]);
      expect(instantInSeoul(tokenCreated)).toBeGreaterThan(before - 2_000);
      expect(instantInSeoul(tokenCreated)).toBeLessThanOrEqual(Date.now());
      // An active entry lapses after five minutes, unless it is used.
      const minutes = (instantInSeoul(tokenExpiry) - instantInSeoul(tokenCreated)) / 60_000;
      expect(Math.round(minutes)).toBe(5);
    });

    it('says 대기 while one waits, and gives the same place and token when asked again', () =>
      house.whilePaused(async () => {
        const userId = client.someone();
        const first = must(await client.issue(userId), 200).body;
        expect(first.tokenStatus).toBe('대기');
        const { token, tokenCreated } = first;
        for (const again of [
          client.issue(userId),
          client.ask('POST', '/api/waiting-queue', { userId }),
          client.ask('POST', '/api/waiting-queue/', { userId, token }),
        ]) {
          expect(must(await again, 200).body).toMatchObject({ token, tokenCreated });
        }
        expect((await client.position(userId)).token).toBe(token);
      }));

    it('404 user not found; 400 without a user-id and for what cannot be one', async () => {
      expect(await client.issue(NOBODY)).toMatchObject(error(404, 'user not found'));
      expect(await client.ask('POST', '/api/waiting-queue/')).toMatchObject(error(400));
      for (const userId of NOT_USERS) {
        expect(await client.issue(userId)).toMatchObject(error(400));
      }
    });

    it('403 with the token of somebody else', async () => {
      const token = await client.tokenOf(client.someone());
      const asking = { userId: client.someone(), token };
      const answer = await client.ask('POST', '/api/waiting-queue/', asking);
      expect(answer).toMatchObject(error(403, 'forbidden'));
    });
  });

  describe('2. GET /api/waiting-queue/position', () => {
    it('gives the token with its position: 대기, then 활성, then 만료', async () => {
      const [first, userId] = [client.someone(), client.someone()];
      await house.whilePaused(async () => {
        await client.tokenOf(first);
        const { token, tokenCreated } = must(await client.issue(userId), 200).body;
        expect(await client.position(first)).toMatchObject({ position: 1, tokenStatus: '대기' });
        expect(await client.position(userId)).toMatchObject({
          ...{ userId, position: 2, token, tokenCreated },
          tokenExpiry: localDateTime,
          tokenStatus: '대기',
        });
      });
      await eventually(async () =>
        expect(await client.position(userId)).toMatchObject({ position: 0, tokenStatus: '활성' }),
      );
      await house.leave(userId);
      expect(await client.position(userId)).toMatchObject({ position: 0, tokenStatus: '만료' });
      const { tokenStatus } = must(await client.issue(userId), 200).body;
      expect(tokenStatus).toBe('활성');
    });

    it('404 for a user without a place and for nobody; 400 without a user-id', async () => {
      const path = '/api/waiting-queue/position';
      const of = (userId: number | string) => client.ask('GET', path, { userId });
      expect(await of(client.someone())).toMatchObject(error(404));
      expect(await of(NOBODY)).toMatchObject(error(404, 'user not found'));
      expect(await client.ask('GET', path)).toMatchObject(error(400));
      for (const userId of NOT_USERS) expect(await of(userId)).toMatchObject(error(400));
    });

    it('403 with the token of somebody else', async () => {
      const [one, other] = [client.someone(), client.someone()];
      const token = await client.tokenOf(one);
      const asking = { userId: other, token };
      const answer = await client.ask('GET', '/api/waiting-queue/position/', asking);
      expect(answer).toMatchObject(error(403, 'forbidden'));
    });
  });

  describe('3. GET /api/concerts/{concertId}/schedules/', () => {
    const schedules = (token?: string, concert: number | string = 1) =>
      client.ask('GET', `/api/concerts/${concert}/schedules/`, { token });

    it('gives concertId and the schedules with concertDateId and scheduleAt', async () => {
      const listed = await house.schedulesOf(1);
      expect(listed).toHaveLength(4);
      const expected = {
        concertId: 1,
        schedules: listed.map(({ scheduleId, startsAt }) => ({
          concertDateId: scheduleId,
          scheduleAt: inSeoul(startsAt),
        })),
      };
      const token = await client.tokenOf(client.someone());
      expect(must(await schedules(token), 200).body).toEqual(expected);
      const bare = await client.ask('GET', '/api/concerts/1/schedules', { token });
      expect(must(bare, 200).body).toEqual(expected);
      const [first] = expected.schedules;
      expect(first?.scheduleAt).toMatch(/T19:00:00$/);
    });

    it('takes the token as Token or as Authorization, with or without Bearer', async () => {
      const token = await client.tokenOf(client.someone());
      for (const authorization of [token, `Bearer ${token}`]) {
        const headers = { authorization };
        must(await client.ask('GET', '/api/concerts/1/schedules/', { headers }), 200);
      }
    });

    it('401 with a bad token or none', () => refusesBadTokens((token) => schedules(token)));

    it('403 with the position while one waits, 401 after leaving', () =>
      house.refusesWhoeverHasNoTurn(client, () => (token) => schedules(token)));

    it('404 for a concert that is not there, 400 for what is none', async () => {
      const token = await client.tokenOf(client.someone());
      expect(await schedules(token, NO_ID)).toMatchObject(error(404, 'concert not found'));
      expect(await schedules(token, 'abc')).toMatchObject(error(400));
    });
  });

  describe('4. GET /api/concerts/{concertId}/schedules/{concertScheduleId}/seats', () => {
    const seats = (token?: string, path = '1/schedules/1') =>
      client.ask<{ seats: Seat[] }>('GET', `/api/concerts/${path}/seats`, { token });

    it('gives every seat with seatId, seatNumber and reserveYn', async () => {
      const { token, seats: held } = await client.holder(0, 2);
      const { seats: shown, ...rest } = must(await seats(token), 200).body;
      expect(rest).toEqual({ concertId: 1, scheduleId: 1 });
      expect(shown.map(({ seatNumber }) => seatNumber)).toEqual(
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
      for (const seat of shown) {
        expect(seat).toEqual({ seatId: long, seatNumber: long, reserveYn: text });
      }
      await eventually(async () => {
        const now = await client.seatsOf(token, 1);
        const isHeld = ({ seatNumber }: Seat) => held.includes(seatNumber);
        expect(now.filter(isHeld).map(({ reserveYn }) => reserveYn)).toEqual(['Y', 'Y']);
        expect(now.at(-1)?.reserveYn).toBe('N');
      });
    });

    it('401 with a bad token or none', () => refusesBadTokens((token) => seats(token)));

    it('403 with the position while one waits, 401 after leaving', () =>
      house.refusesWhoeverHasNoTurn(client, () => (token) => seats(token)));

    it('404 for a concert or a schedule that is not there, 400 for what is none', async () => {
      const token = await client.tokenOf(client.someone());
      const noConcert = await seats(token, `${NO_ID}/schedules/${NO_ID}`);
      expect(noConcert).toMatchObject(error(404, 'concert not found'));
      for (const path of [`1/schedules/${NO_ID}`, '2/schedules/1']) {
        const answer = await seats(token, path);
        expect(answer).toMatchObject(error(404, 'concert schedule not found'));
      }
      expect(await seats(token, '1/schedules/abc')).toMatchObject(error(400));
    });
  });

  describe('5. POST /api/concerts/{concertId}/schedules/{concertScheduleId}/seats/reservation', () => {
    it('gives userId, concertName, totalPrice and the seats, 예약완료', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const seats = client.freshSeats(2);
      const { reservationId, ...rest } = must(
        await client.reserve(token, { userId, seats }),
        200,
      ).body;
      expect(rest).toEqual({
        userId,
        concertName: 'Northern Lights Orchestra',
        totalPrice: 2 * SEAT_PRICE_KRW,
        seats: seats.map((seatNumber) => ({
          seatNumber,
          status: '예약완료',
          seatPrice: SEAT_PRICE_KRW,
        })),
      });
      expect(await house.reservationsOf(userId)).toMatchObject([{ reservationId, state: 'HELD' }]);
    });

    it('holds all or nothing: 409 names the seats that are taken', async () => {
      const { seats: taken } = await client.holder(0, 2);
      const [free] = client.freshSeats(1);
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const answer = await client.reserve(token, { userId, seats: [...taken, free] });
      expect(answer).toMatchObject(error(409, `seats not available: ${taken.join(', ')}`));
      expect(await house.reservationsOf(userId)).toEqual([]);
      must(await client.reserve(token, { userId, seats: [free] }), 200);
    });

    it('401 with a bad token or none', () =>
      refusesBadTokens((token) => client.reserve(token, { userId: 1, seats: [1] })));

    it('403 with the position while one waits, 401 after leaving', () =>
      house.refusesWhoeverHasNoTurn(
        client,
        (userId) => (token) => client.reserve(token, { userId, seats: [1] }),
      ));

    it('403 in the name of somebody else, and nothing happens', async () => {
      const [userId, other] = [client.someone(), client.someone()];
      const token = await client.tokenOf(userId);
      const seats = client.freshSeats(1);
      const inBody = await client.reserve(token, { userId: other, seats });
      expect(inBody).toMatchObject(error(403, 'forbidden'));
      const path = '/api/concerts/1/schedules/1/seats/reservation';
      const inHeader = await client.ask('POST', path, {
        ...{ userId: other, token },
        body: { userId, seats },
      });
      expect(inHeader).toMatchObject(error(403, 'forbidden'));
      const held = [
        ...(await house.reservationsOf(userId)),
        ...(await house.reservationsOf(other)),
      ];
      expect(held).toEqual([]);
    });

    it('404 for what is not there, 400 for what is no user and no seats', async () => {
      const userId = client.someone();
      const token = await client.tokenOf(userId);
      const seats = client.freshSeats(1);
      const at = (schedule: string) => client.reserve(token, { userId, seats }, schedule);
      expect(await at(`${NO_ID}/schedules/${NO_ID}`)).toMatchObject(
        error(404, 'concert not found'),
      );
      for (const path of [`1/schedules/${NO_ID}`, '2/schedules/1']) {
        expect(await at(path)).toMatchObject(error(404, 'concert schedule not found'));
      }
      const noSeat = await client.reserve(token, { userId, seats: [...seats, 51] });
      expect(noSeat).toMatchObject(error(404, 'seat not found'));
      const bad = [undefined, [], [0], [-1], [1.5], ['a'], [1, 1], 1, '1', {}];
      for (const wrong of bad) {
        expect(await client.reserve(token, { userId, seats: wrong })).toMatchObject(error(400));
      }
      expect(await client.reserve(token, { seats })).toMatchObject(error(400));
      expect(await client.reserve(token, { userId, seats, more: 1 })).toMatchObject(error(400));
      expect(await house.reservationsOf(userId)).toEqual([]);
    });
  });

  it('left the books of all services in agreement', async () => {
    await whole.books.quiet();
    expect(await whole.books.violations()).toEqual([]);
  });
});
