import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ScheduleView } from '@encore/contracts';
import { must } from '../support/buying.js';
import { withoutRight } from '../support/missing-right.js';
import { Person, type Response } from '../support/person.js';
import { QueueTokenClient, type Seat, type Token } from '../support/queue-token-client.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from '../support/whole-system.js';

const LOCAL_DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/;
const localDateTime: unknown = expect.stringMatching(LOCAL_DATE_TIME);
const long: unknown = expect.any(Number);
const NOBODY = 999_999;
const NO_ID = 9_999_999;
/** A number like every tokenId; that it is somebody's has a chance of one to nine quadrillion. */
const NOBODYS_TOKEN = '4503599627370497';
/** Three parts with dots between them, and nothing of it signed by us. */
const FORGED = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"1"}')}.`.replaceAll('=', '');

/** An hour on the wall of a hall in Seoul. */
function inSeoul(instant: string): string {
  return new Date(Date.parse(instant) + 9 * 3_600_000).toISOString().slice(0, 19);
}

/** An error as the document shows them: a status, the same as a field, and a text. */
function error(code: number, message: string) {
  return { status: code, body: { code, message, requestId: expect.any(String) as unknown } };
}

describe('queue-token', () => {
  let whole: WholeSystem;
  let organiser: Person;
  let client: QueueTokenClient;

  beforeAll(async () => {
    whole = await bootWholeSystem();
    client = new QueueTokenClient(whole.gateway);
    organiser = await Person.as(whole.gateway, 1_000, ['organiser']);
  });
  afterAll(async () => {
    await whole.end();
  });

  const pausing = (paused: boolean) =>
    organiser.call('PUT', '/v1/admin/waiting-rooms/default', { body: { paused } });

  /** What every request that needs a token hears without a good one. */
  async function refusesBadTokens(
    send: (authorization: string | undefined, userId: number) => Promise<Response<unknown>>,
    unheld: string,
    userId = client.someone(),
  ): Promise<void> {
    const { token } = await whole.person(userId);
    expect(await send(undefined, userId)).toMatchObject(error(401, 'invalid token'));
    for (const bad of ['garbage', '0', '-1', '1.5', FORGED, `Bearer ${FORGED}`]) {
      expect(await send(bad, userId)).toMatchObject(error(401, 'invalid token'));
    }
    expect(await send(NOBODYS_TOKEN, userId)).toMatchObject(error(404, unheld));
    expect(await send(token, userId)).toMatchObject(error(404, unheld));
  }

  describe('1. POST /queue/token/users/{userId}', () => {
    it('gives tokenId, createdAt and expiredAt', async () => {
      const before = Date.now();
      const answer = await client.ask<Token>('POST', `/queue/token/users/${client.someone()}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('application/json');
      const { tokenId, createdAt, expiredAt } = answer.body;
      expect({ tokenId, createdAt, expiredAt }).toEqual({
        tokenId: long,
        createdAt: localDateTime,
        expiredAt: localDateTime,
      });
      const createdMs = Date.parse(`${createdAt}+09:00`);
      expect(createdMs).toBeGreaterThan(before - 2_000);
      expect(createdMs).toBeLessThanOrEqual(Date.now());
      expect(Date.parse(`${expiredAt}+09:00`)).toBeGreaterThan(createdMs);
    });

    it('gives numbers that JSON and a Long hold and nobody guesses', async () => {
      const ids: number[] = [];
      for (let users = 0; users < 20; users += 1)
        ids.push((await client.tokenOf(client.someone())).tokenId);
      expect(ids.filter((id) => !Number.isSafeInteger(id) || id < 1)).toEqual([]);
      expect(new Set(ids).size).toBe(20);
      // Of twenty random numbers of 53 bits one at least is this great, but for one in 10^30.
      expect(Math.max(...ids)).toBeGreaterThan(2 ** 48);
      const distances = ids.slice(1).map((id, index) => Math.abs(id - ids[index]!));
      expect(Math.min(...distances)).toBeGreaterThan(1_000);
    });

    it('gives the same place and token when asked again, with or without the old one', async () => {
      const userId = client.someone();
      const first = await client.tokenOf(userId);
      expect(await client.tokenOf(userId)).toEqual(first);
      const again = await client.ask<Token>('POST', `/queue/token/users/${userId}/`, {
        authorization: first.tokenId,
      });
      expect(must(again, 200).body).toEqual(first);
    });

    it('404 user not found', async () => {
      const answer = await client.ask('POST', `/queue/token/users/${NOBODY}`);
      expect(answer).toMatchObject(error(404, 'user not found'));
    });

    it('takes no path for a user that cannot be one', async () => {
      for (const user of ['0', '-1', 'abc', '1.5', '99999999999999999999']) {
        expect((await client.ask('POST', `/queue/token/users/${user}`)).status).toBe(400);
      }
    });
  });

  describe('2. GET /queue/token/users/{userId}', () => {
    it('gives the token that was given', async () => {
      const userId = client.someone();
      const { tokenId, createdAt } = await client.tokenOf(userId);
      const answer = await client.ask<Token>('GET', `/queue/token/users/${userId}`);
      expect(must(answer, 200).body).toMatchObject({
        tokenId,
        createdAt,
        expiredAt: localDateTime,
      });
    });

    it('404 user not found', async () => {
      const answer = await client.ask('GET', `/queue/token/users/${NOBODY}`);
      expect(answer).toMatchObject(error(404, 'user not found'));
    });

    it('404 token not found, for a user without one', async () => {
      const answer = await client.ask('GET', `/queue/token/users/${client.someone()}`);
      expect(answer).toMatchObject(error(404, 'token not found'));
    });
  });

  describe('3. GET /queue/status', () => {
    it('gives queueId, createdAt and status: WAIT, then ACTIVE, then EXPIRED', async () => {
      const userId = client.someone();
      must(await pausing(true), 200);
      const { tokenId, createdAt, token } = await client.tokenOf(userId);
      const status = (authorization: number | string) =>
        client.ask<{ queueId: number }>('GET', '/queue/status', { authorization });
      const waiting = must(await status(tokenId), 200).body;
      expect(waiting).toMatchObject({ queueId: long, createdAt, status: 'WAIT' });
      must(await pausing(false), 200);
      const { queueId } = waiting;
      for (const shown of [tokenId, `Bearer ${tokenId}`, token, `Bearer ${token}`]) {
        expect(must(await status(shown), 200).body).toMatchObject({
          queueId,
          createdAt,
          status: 'ACTIVE',
        });
      }
      const person = await whole.person(userId);
      must(await person.call('DELETE', '/v1/waiting-rooms/default/entries/me'), 200);
      expect(must(await status(tokenId), 200).body).toMatchObject({ queueId, status: 'EXPIRED' });
      const next = await client.tokenOf(userId);
      expect(next.tokenId).not.toBe(tokenId);
      expect(must(await status(tokenId), 200).body).toMatchObject({ queueId, status: 'EXPIRED' });
      expect(must(await status(next.tokenId), 200).body).toMatchObject({ status: 'ACTIVE' });
    });

    it('401 invalid token, 404 token not found', () =>
      refusesBadTokens(
        (authorization) => client.ask('GET', '/queue/status', { authorization }),
        'token not found',
      ));
  });

  describe('4. GET /concerts/{concertId}/schedules', () => {
    it('gives concertId and the schedules that can be booked, with their times', async () => {
      const userId = client.someone();
      const { tokenId: authorization } = await client.tokenOf(userId);
      const answer = await client.ask('GET', '/concerts/1/schedules', { authorization });
      const person = await whole.person(userId);
      const listed = must(
        await person.call<{ items: ScheduleView[] }>('GET', '/v1/concerts/1/schedules'),
        200,
      ).body.items;
      expect(listed).toHaveLength(4);
      expect(must(answer, 200).body).toEqual({
        concertId: 1,
        schedules: listed.map(({ scheduleId, startsAt, salesOpenAt }) => ({
          scheduleId,
          concertAt: inSeoul(startsAt),
          reservationAt: inSeoul(salesOpenAt),
        })),
      });
    });

    it('401 invalid token, 404 user not token', () =>
      refusesBadTokens(
        (authorization) => client.ask('GET', '/concerts/1/schedules', { authorization }),
        'user not token',
      ));

    it('404 concert not found', async () => {
      const { tokenId: authorization } = await client.tokenOf(client.someone());
      const answer = await client.ask('GET', `/concerts/${NO_ID}/schedules`, { authorization });
      expect(answer).toMatchObject(error(404, 'concert not found'));
    });
  });

  describe('5. GET /concerts/{concertId}/schedules/{scheduleId}/seats', () => {
    const path = '/concerts/1/schedules/1/seats';

    it('gives concertId, concertAt and every seat, also those that are taken', async () => {
      const { tokenId: authorization, seatId } = await client.holder(0);
      await client.taken(authorization, seatId);
      const answer = await client.ask<{ seats: Seat[] }>('GET', path, { authorization });
      const { seats, ...rest } = must(answer, 200).body;
      expect(rest).toEqual({ concertId: 1, concertAt: localDateTime });
      expect(seats.map(({ seatNumber }) => seatNumber)).toEqual(
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
      for (const seat of seats) {
        expect(seat).toEqual({
          seatId: long,
          seatNumber: long,
          seatStatus: expect.stringMatching(/^(?:AVAILABLE|UNAVAILABLE)$/),
          seatPrice: SEAT_PRICE_KRW,
        });
      }
      expect(new Set(seats.map(({ seatStatus }) => seatStatus)).size).toBe(2);
    });

    it('401 invalid token, 404 token not found', () =>
      refusesBadTokens(
        (authorization) => client.ask('GET', path, { authorization }),
        'token not found',
      ));

    it('404 concert not found, 404 concert schedule not found', async () => {
      const { tokenId: authorization } = await client.tokenOf(client.someone());
      const at = (concert: number, schedule: number) =>
        client.ask('GET', `/concerts/${concert}/schedules/${schedule}/seats`, { authorization });
      expect(await at(NO_ID, 1)).toMatchObject(error(404, 'concert not found'));
      expect(await at(NO_ID, NO_ID)).toMatchObject(error(404, 'concert not found'));
      expect(await at(1, NO_ID)).toMatchObject(error(404, 'concert schedule not found'));
      expect(await at(2, 1)).toMatchObject(error(404, 'concert schedule not found'));
    });

    it('403 with the position while it is not one’s turn', async () => {
      must(await pausing(true), 200);
      const { tokenId: authorization } = await client.tokenOf(client.someone());
      const answer = await client.ask('GET', path, { authorization });
      must(await pausing(false), 200);
      expect(answer).toMatchObject(error(403, 'It is not your turn yet: position 1.'));
      expect(answer.body).toMatchObject({ position: 1 });
    });
  });

  describe('6. POST /concerts/reservations', () => {
    it('gives the hold, its price spelt seatprice', async () => {
      const userId = client.someone();
      const { tokenId } = await client.tokenOf(userId);
      const { seatId, seatNumber, seatPrice } = await client.freshSeat(tokenId);
      const answer = await client.reserve({ userId, concertId: 1, scheduleId: 1, seatId }, tokenId);
      expect(must(answer, 200).body).toEqual({
        reservationId: long,
        concertId: 1,
        concertName: 'Northern Lights Orchestra',
        concertAt: localDateTime,
        seatNumber,
        seatprice: seatPrice,
        reservationStatus: 'PAYMENT_PENDING',
      });
      await client.taken(tokenId, seatId);
    });

    it('401 invalid token, 404 token not found', () =>
      refusesBadTokens(
        (authorization, userId) =>
          client.reserve({ userId, concertId: 1, scheduleId: 1, seatId: 1 }, authorization),
        'token not found',
      ));

    it('404 concert, concert schedule and seat not found', async () => {
      const userId = client.someone();
      const { tokenId } = await client.tokenOf(userId);
      const { seatId } = await client.freshSeat(tokenId);
      const right = { userId, concertId: 1, scheduleId: 1, seatId };
      const without = (wrong: object) => client.reserve({ ...right, ...wrong }, tokenId);
      const [ofAnotherDay] = await client.seatsOf(tokenId, 2);
      expect(await without({ concertId: NO_ID })).toMatchObject(error(404, 'concert not found'));
      for (const wrong of [{ scheduleId: NO_ID }, { concertId: 2 }]) {
        expect(await without(wrong)).toMatchObject(error(404, 'concert schedule not found'));
      }
      for (const wrong of [{ seatId: NO_ID }, { seatId: ofAnotherDay!.seatId }]) {
        expect(await without(wrong)).toMatchObject(error(404, 'seat not found'));
      }
    });

    it('400 reservation failed, for a seat somebody else has', async () => {
      const userId = client.someone();
      const { tokenId } = await client.tokenOf(userId);
      const { seatId } = await client.holder(0);
      const answer = await client.reserve({ userId, concertId: 1, scheduleId: 1, seatId }, tokenId);
      expect(answer).toMatchObject(error(400, 'reservation failed'));
    });

    it('403 in the name of somebody else, and nothing happens', async () => {
      const [userId, other] = [client.someone(), client.someone()];
      const { tokenId } = await client.tokenOf(userId);
      const { seatId } = await client.freshSeat(tokenId);
      const body = { userId: other, concertId: 1, scheduleId: 1, seatId };
      expect(await client.reserve(body, tokenId)).toMatchObject(error(403, 'forbidden'));
      must(await client.reserve({ ...body, userId }, tokenId), 200);
    });
  });

  describe('7. POST /payment/concerts/users/{userId}', () => {
    it('gives paymentId, amount and paymentStatus, and uses the token up', async () => {
      const { userId, tokenId, reservationId } = await client.holder(2 * SEAT_PRICE_KRW);
      const answer = await client.pay(userId, tokenId, reservationId);
      expect(must(answer, 200).body).toEqual({
        paymentId: long,
        amount: SEAT_PRICE_KRW,
        paymentStatus: 'COMPLETED',
      });
      expect(must(await client.ask('GET', `/balance/users/${userId}`), 200).body).toEqual({
        userId,
        currentAmount: SEAT_PRICE_KRW,
      });
      const again = await client.pay(userId, tokenId, reservationId);
      expect(again).toMatchObject(error(401, 'invalid token'));
      const seats = await client.ask('GET', '/concerts/1/schedules/1/seats', {
        authorization: tokenId,
      });
      expect(seats).toMatchObject(error(401, 'invalid token'));
    });

    it('401 invalid token, 404 token not found', async () => {
      const { userId, reservationId } = await client.holder(0);
      const person = await whole.person(userId);
      must(await person.call('DELETE', '/v1/waiting-rooms/default/entries/me'), 200);
      const send = (authorization: string | undefined) =>
        client.pay(userId, authorization, reservationId);
      await refusesBadTokens(send, 'token not found', userId);
    });

    it('404 user not found; 403 for another user than the token’s', async () => {
      const { userId, tokenId, reservationId } = await client.holder(0);
      const answer = await client.pay(NOBODY, tokenId, reservationId);
      expect(answer).toMatchObject(error(404, 'user not found'));
      const other = await client.pay(userId - 1, tokenId, reservationId);
      expect(other).toMatchObject(error(403, 'forbidden'));
    });

    it('404 reservation not found; 403 for somebody else’s', async () => {
      const mine = await client.holder(SEAT_PRICE_KRW);
      const other = await client.holder(0);
      const nothing = await client.pay(mine.userId, mine.tokenId, NO_ID);
      expect(nothing).toMatchObject(error(404, 'reservation not found'));
      const foreign = await client.pay(mine.userId, mine.tokenId, other.reservationId);
      expect(foreign).toMatchObject(error(403, 'forbidden'));
    });

    it('400 Insufficient balance', async () => {
      const { userId, tokenId, reservationId } = await client.holder(SEAT_PRICE_KRW - 1);
      const answer = await client.pay(userId, tokenId, reservationId);
      expect(answer).toMatchObject(error(400, 'Insufficient balance'));
    });

    it('500 payment failed, when the payment service cannot do its work', async () => {
      const { userId, tokenId, reservationId } = await client.holder(SEAT_PRICE_KRW);
      const answer = await withoutRight(
        whole.system,
        { service: 'payment', right: 'insert on payments' },
        () => client.pay(userId, tokenId, reservationId),
      );
      expect(answer).toMatchObject(error(500, 'payment failed'));
      must(await client.pay(userId, tokenId, reservationId), 200);
    });
  });

  describe('8. POST /balance/users/{userId}/charge', () => {
    it('gives userId and the currentAmount after it', async () => {
      const userId = client.someone();
      expect(must(await client.charge(userId, 10_000), 200).body).toEqual({
        userId,
        currentAmount: 10_000,
      });
      expect(must(await client.charge(userId, 10_000), 200).body).toEqual({
        userId,
        currentAmount: 20_000,
      });
    });

    it('404 user not found', async () => {
      expect(await client.charge(NOBODY, 10_000)).toMatchObject(error(404, 'user not found'));
    });

    it('400 invalid charge amount', async () => {
      const userId = client.someone();
      for (const amount of [0, -1, 1.5, '', 'abc', null, {}, Number.MAX_SAFE_INTEGER]) {
        const answer = await client.ask('POST', `/balance/users/${userId}/charge`, {
          body: { amount },
        });
        expect(answer).toMatchObject(error(400, 'invalid charge amount'));
      }
      const none = await client.ask('POST', `/balance/users/${userId}/charge`);
      expect(none).toMatchObject(error(400, 'invalid charge amount'));
    });

    it('500 charge failed, when the wallet service cannot do its work', async () => {
      const userId = client.someone();
      const answer = await withoutRight(
        whole.system,
        { service: 'wallet', right: 'insert on movements' },
        () => client.charge(userId, 10_000),
      );
      expect(answer).toMatchObject(error(500, 'charge failed'));
      const after = await client.ask('GET', `/balance/users/${userId}`);
      expect(must(after, 200).body).toEqual({ userId, currentAmount: 0 });
    });
  });

  describe('9. GET /balance/users/{userId}', () => {
    it('gives userId and currentAmount', async () => {
      const userId = client.someone();
      const answer = await client.ask('GET', `/balance/users/${userId}`);
      expect(must(answer, 200).body).toEqual({ userId, currentAmount: 0 });
    });

    it('404 user not found', async () => {
      const answer = await client.ask('GET', `/balance/users/${NOBODY}`);
      expect(answer).toMatchObject(error(404, 'user not found'));
    });
  });

  it('left the books of all services in agreement', async () => {
    expect(await whole.books.violations()).toEqual([]);
  });
});
