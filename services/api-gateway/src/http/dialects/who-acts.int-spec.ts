import { accepted, BindPass, IssuePass, ReadPass, ReadUser, refused } from '@encore/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openGatewayUnderTest, type GatewayUnderTest } from '../../testing/gateway-under-test.js';
import * as samples from '../../testing/samples.js';

const USER = 7;
const OTHER = 8;
const GUEST = 2 ** 52 + 1;

describe('who acts in a published document', () => {
  let gateway: GatewayUnderTest;
  let token: string;

  beforeAll(async () => {
    gateway = await openGatewayUnderTest();
  });
  afterAll(() => gateway.close());
  beforeEach(async () => {
    gateway.services.reset();
    token = await gateway.tokenOf(USER);
  });

  const ask = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    json?: unknown,
  ) => gateway.call(method, path, { headers, ...(json === undefined ? {} : { json }) });

  /** The user every change so far was made for. */
  const actors = () =>
    gateway.services.changes().map(({ payload }) => (payload as { userId?: unknown }).userId);

  it('is the subject of the token, in whatever header and with whatever scheme', async () => {
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { authorization: token },
      { authorization: `Token ${token}` },
      { token },
      { token, authorization: `bearer ${token}` },
    ]) {
      expect((await ask('POST', '/auth/queue', headers)).status).toBe(200);
    }
    expect(new Set(actors())).toEqual(new Set([USER]));
  });

  it('is never somebody the request merely names, wherever it does', async () => {
    const mine = { authorization: token };
    const statuses = [
      await ask('GET', `/balance?userId=${OTHER}`, mine),
      await ask('GET', '/balance', { ...mine, 'user-id': String(OTHER) }),
      await ask('POST', '/balance', mine, { userId: OTHER, amount: 1 }),
      await ask('POST', '/balance', mine, { userId: String(OTHER), amount: 1 }),
      await ask('POST', '/balance', { ...mine, 'user-id': String(OTHER) }, { amount: 1 }),
      await ask('POST', '/auth/token', mine, { userId: OTHER }),
      await ask('GET', `/queue/token/users/${OTHER}`, mine),
      await ask('POST', `/queue/token/users/${OTHER}`, mine),
    ].map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([403]));
    expect(gateway.services.changes()).toEqual([]);
    expect((await ask('POST', '/balance', mine, { userId: '7', amount: 1 })).status).toBe(200);
  });

  it('is nobody with two tokens that differ', async () => {
    const other = await gateway.tokenOf(OTHER);
    for (const [headers, json] of [
      [{ authorization: token, token: other }, undefined],
      [{ authorization: token }, { concertDetailId: 4, seatNumber: 1, token: other }],
      [{ token }, { concertDetailId: 4, seatNumber: 1, token: other }],
    ] as const) {
      const path = json === undefined ? '/auth/queue' : '/reservations';
      const answer = await ask('POST', path, headers, json);
      expect([answer.status, answer.body['reason']]).toEqual([403, 'TOKENS_DIFFER']);
    }
    expect(gateway.services.changes()).toEqual([]);
  });

  it('is nobody with a token that is none', async () => {
    const bad = ['garbage', 'a.b.c', 'Basic abc', '0', '-1', '1.5', '9'.repeat(30), `${token}x`];
    bad.push('5b0c8f1e-3b1f-4a52-9a52', 'Bearer', 'Bearer a b', '5b0c8f1e-3b1f-4a52-9a52-00_x');
    for (const authorization of bad) {
      const answer = await ask('GET', '/balance', { authorization });
      expect([authorization, answer.status, answer.body['error']]).toEqual([
        authorization,
        401,
        'Unauthorized request',
      ]);
    }
    expect(gateway.services.asked).toEqual([]);
  });

  it('is the user of a pass, by its number or its uuid with any position behind it', async () => {
    gateway.services.on(ReadPass, () => accepted(samples.pass(USER)));
    const { tokenId, tokenUuid } = samples.pass(USER);
    for (const authorization of [`${tokenId}`, tokenUuid, `${tokenUuid}_1`, `${tokenUuid}_999`]) {
      const answer = await ask('POST', '/balance', { authorization }, { amount: 1 });
      expect(answer.status).toBe(200);
    }
    expect(new Set(actors())).toEqual(new Set([USER]));
    const asked = gateway.services.of(ReadPass).map(({ payload }) => payload);
    const [byUuid, byNumber] = [{ by: { tokenUuid } }, { by: { tokenId } }];
    expect(asked).toEqual([byNumber, byUuid, byUuid, byUuid]);
  });

  it('is nobody with a pass that has ended or that nobody holds', async () => {
    const authorization = String(samples.pass(USER).tokenId);
    for (const state of ['USED', 'EXPIRED', 'LEFT'] as const) {
      const entry = samples.entry(USER, { state, activeUntil: null });
      gateway.services.on(ReadPass, () => accepted(samples.pass(USER, { entry })));
      expect((await ask('GET', '/balance', { authorization })).status).toBe(401);
    }
    gateway.services.on(ReadPass, () => refused('QUEUE_PASS_NOT_FOUND'));
    expect((await ask('GET', '/balance', { authorization })).status).toBe(401);
  });

  it('is whom the request names where a document asks for no token', async () => {
    expect((await ask('POST', '/auth/token', {}, { userId: String(OTHER) })).status).toBe(200);
    expect(actors()).toEqual([OTHER]);
    gateway.services.on(ReadUser, () => refused('WALLET_USER_NOT_FOUND'));
    const nobody = await ask('POST', '/auth/token', {}, { userId: '999' });
    expect([nobody.status, nobody.body['error']]).toEqual([404, 'user not found']);
    expect((await ask('GET', '/balance', { 'user-id': '7' })).status).toBe(401);
  });

  it('may be given a new token for one that has ended, but not for a forged one', async () => {
    const json = { userId: USER };
    const short = await openGatewayUnderTest({ TOKEN_SECONDS: '1' });
    const past = new Date(Date.now() - 60_000);
    const { token: old } = await short.tokens.issue({ userId: USER, roles: [] }, past);
    const give = (authorization: string) =>
      short.call('POST', '/auth/token', { json, headers: { authorization } });
    expect((await give(old)).status).toBe(200);
    expect((await give(`${old}x`)).status).toBe(401);
    await short.close();
  });

  it('gets the same token when asked again', async () => {
    const json = { userId: USER };
    const joinedAt = new Date().toISOString();
    gateway.services.on(IssuePass, ({ userId }) =>
      accepted(samples.pass(USER, { entry: samples.entry(userId ?? 0, { joinedAt }) })),
    );
    const first = await ask('POST', '/auth/token', {}, json);
    const again = await ask('POST', '/token', {}, json);
    expect(again.body['token']).toBe(first.body['token']);
  });

  describe('with a guest’s pass', () => {
    const { tokenUuid } = samples.pass(GUEST);
    const guest = { authorization: `${tokenUuid}_1` };
    beforeEach(() => {
      gateway.services.on(ReadPass, () => accepted(samples.pass(GUEST, { isGuest: true })));
    });

    it('is bound to the first user it acts for', async () => {
      const answer = await ask('POST', '/balance', guest, { userId: OTHER, amount: 1 });
      expect(answer.status).toBe(200);
      expect(gateway.services.of(BindPass).map(({ payload }) => payload)).toEqual([
        { tokenUuid, userId: OTHER },
      ]);
      expect(new Set(actors())).toEqual(new Set([OTHER]));
    });

    it('is not bound by a request that is wrong, nor to who does not exist', async () => {
      const wrong = await ask('POST', '/balance', guest, { userId: OTHER, amount: 'x' });
      expect(wrong.status).toBe(400);
      gateway.services.on(ReadUser, () => refused('WALLET_USER_NOT_FOUND'));
      const nobody = await ask('POST', '/balance', guest, { userId: 999, amount: 1 });
      expect(nobody.status).toBe(404);
      expect(gateway.services.changes()).toEqual([]);
    });

    it('may look, but changes nothing without a user', async () => {
      expect((await ask('GET', '/dates/4', guest)).status).toBe(200);
      const answer = await ask('POST', '/balance', guest, { amount: 1 });
      expect([answer.status, answer.body['reason']]).toEqual([403, 'USER_REQUIRED']);
      expect(gateway.services.changes()).toEqual([]);
    });

    it('cannot be had by naming the number of a guest', async () => {
      const answer = await ask('POST', '/auth/token', {}, { userId: GUEST });
      expect(answer.status).toBe(403);
      expect(gateway.services.asked).toEqual([]);
    });
  });

  it('does not matter for what no document knows: that is a problem as under /v1', async () => {
    const nothing = await ask('GET', '/nothing');
    expect(nothing.headers.get('content-type')).toContain('application/problem+json');
    const wrong = await ask('PUT', '/balance');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    expect(Object.keys(wrong.body).sort()).toEqual(['error', 'reason', 'requestId']);
  });
});
