import { ReadUser, refused } from '@encore/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openGatewayUnderTest, type GatewayUnderTest } from '../testing/gateway-under-test.js';

describe('who may call', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await openGatewayUnderTest();
  });
  afterAll(() => gateway.close());
  beforeEach(() => gateway.services.reset());

  it('is told by a token that the gateway gives', async () => {
    const json = { userId: 7, roles: ['operator', 'operator'] };
    const issued = await gateway.call('POST', '/v1/tokens', { json });
    expect(issued.status).toBe(201);
    expect(issued.body).toMatchObject({ tokenType: 'Bearer', userId: 7, roles: ['operator'] });
    expect(Date.parse(String(issued.body['expiresAt']))).toBeGreaterThan(Date.now());
    const token = String(issued.body['token']);
    expect((await gateway.call('GET', '/v1/ops/queues', { token })).status).toBe(200);
    expect((await gateway.call('GET', '/v1/admin/waiting-rooms', { token })).status).toBe(403);
  });

  it('cannot be a user who does not exist', async () => {
    gateway.services.on(ReadUser, () => refused('WALLET_USER_NOT_FOUND'));
    const answer = await gateway.call('POST', '/v1/tokens', { json: { userId: 9 } });
    expect([answer.status, answer.body['code']]).toEqual([404, 'WALLET_USER_NOT_FOUND']);
  });

  it('is anybody for concerts, health and documentation', async () => {
    for (const path of ['/v1/concerts', '/v1/concerts/1', '/healthz', '/readyz', '/openapi.json']) {
      expect([path, (await gateway.call('GET', path)).status]).toEqual([path, 200]);
    }
  });

  it.each([
    ['GET', '/v1/concerts/1/schedules'],
    ['GET', '/v1/schedules/4/seats'],
    ['GET', '/v1/waiting-rooms/default/entries/me'],
    ['POST', '/v1/waiting-rooms/default/entries'],
    ['POST', '/v1/reservations'],
    ['POST', '/v1/payments'],
    ['GET', '/v1/wallet'],
    ['GET', '/v1/admin/waiting-rooms'],
    ['GET', '/v1/ops/queues'],
  ])('must have a token for %s %s', async (method, path) => {
    const without = await gateway.call(method, path);
    expect([without.status, without.body['code']]).toEqual([401, 'AUTHENTICATION_REQUIRED']);
    expect(without.headers.get('www-authenticate')).toBe('Bearer realm="encore"');
    const wrong = await gateway.call(method, path, { token: 'a.b.c' });
    expect([wrong.status, wrong.body['code']]).toEqual([401, 'TOKEN_INVALID']);
    expect(wrong.headers.get('www-authenticate')).toContain('invalid_token');
    expect(gateway.services.asked).toEqual([]);
  });

  it('needs the organiser for /v1/admin and the operator for /v1/ops', async () => {
    const organiser = await gateway.tokenOf(7, 'organiser');
    const operator = await gateway.tokenOf(7, 'operator');
    const statusOf = async (path: string, token: string) =>
      (await gateway.call('GET', path, { token })).status;
    expect(await statusOf('/v1/admin/waiting-rooms', organiser)).toBe(200);
    expect(await statusOf('/v1/admin/waiting-rooms', operator)).toBe(403);
    expect(await statusOf('/v1/ops/sagas', operator)).toBe(200);
    expect(await statusOf('/v1/ops/sagas', organiser)).toBe(403);
  });

  it('gets a 429 with the time to wait after too many requests, and others do not', async () => {
    const strict = await openGatewayUnderTest({ RATE_LIMIT_OTHER_USER_REQUESTS: '3' });
    const token = await strict.tokenOf(7);
    const statuses: number[] = [];
    for (let request = 0; request < 4; request += 1) {
      statuses.push((await strict.call('GET', '/v1/wallet', { token })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refusedOne = await strict.call('GET', '/v1/wallet', { token });
    expect(refusedOne.body['code']).toBe('RATE_LIMITED');
    expect(Number(refusedOne.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refusedOne.headers.get('ratelimit')).toMatch(/, "other-user";r=0;t=\d+$/);
    const other = await strict.tokenOf(8);
    expect((await strict.call('GET', '/v1/wallet', { token: other })).status).toBe(200);
    await strict.close();
  });
});

describe('what may be kept', () => {
  let gateway: GatewayUnderTest;
  let token: string;

  beforeAll(async () => {
    gateway = await openGatewayUnderTest();
    token = await gateway.tokenOf(7);
  });
  afterAll(() => gateway.close());

  it.each([
    ['/v1/concerts', 'public, max-age=2'],
    ['/v1/concerts/1', 'public, max-age=2'],
    ['/v1/concerts/1/schedules', 'private, no-cache'],
    ['/v1/schedules/4', 'private, no-cache'],
    ['/v1/schedules/4/seats', 'private, no-cache'],
  ])('is %s, and a 304 while it is unchanged', async (path, cacheControl) => {
    const first = await gateway.call('GET', path, { token });
    expect(first.headers.get('cache-control')).toBe(cacheControl);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/".+"$/);
    const headers = { 'if-none-match': etag };
    const again = await gateway.call('GET', path, { token, headers });
    expect([again.status, again.headers.get('etag')]).toEqual([304, etag]);
    const other = await gateway.call('GET', path, { token, headers: { 'if-none-match': '"x"' } });
    expect(other.status).toBe(200);
  });

  it('is nothing else', async () => {
    const wallet = await gateway.call('GET', '/v1/wallet', { token });
    expect(wallet.headers.get('cache-control')).toBe('no-store');
    expect(wallet.headers.get('etag')).toBeNull();
  });
});

describe('the documentation', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await openGatewayUnderTest();
  });
  afterAll(() => gateway.close());

  it('comes with everything its page loads, from this host', async () => {
    const page = await fetch(`${gateway.url}/docs`);
    const html = await page.text();
    const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(loaded.length).toBeGreaterThanOrEqual(3);
    for (const path of loaded) {
      expect(path).toMatch(/^\/docs\//);
      expect([path, (await fetch(`${gateway.url}${path}`)).status]).toEqual([path, 200]);
    }
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect((await gateway.call('GET', '/openapi.json')).body['openapi']).toBe('3.1.0');
  });

  it('is the only part of the gateway that may load anything', async () => {
    const { headers } = await gateway.call('GET', '/healthz');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';frame-ancestors 'none';base-uri 'none'",
    );
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('does not give away files beside its own', async () => {
    for (const path of ['/docs/assets/../../package.json', '/docs/assets/%2e%2e/package.json']) {
      expect((await gateway.call('GET', path)).status).toBeGreaterThanOrEqual(400);
    }
  });
});
