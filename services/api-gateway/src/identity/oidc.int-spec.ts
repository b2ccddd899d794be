import { ReadPass, accepted } from '@encore/contracts';
import { OidcProvider, type SignedToken } from '@encore/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openGatewayUnderTest, type GatewayUnderTest } from '../testing/gateway-under-test.js';
import * as samples from '../testing/samples.js';

const USER = 7;
const claims = { encore_user_id: USER };

describe('with a provider that vouches for people', () => {
  let provider: OidcProvider;
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    provider = await OidcProvider.open();
  });
  afterAll(() => provider.goAway());
  // Keys and verified tokens are remembered, so every test has a gateway that remembers none.
  beforeEach(async () => {
    gateway = await openGatewayUnderTest({
      ...provider.environment,
      OIDC_COOLDOWN_MS: '1',
      OIDC_TIMEOUT_MS: '500',
    });
  });
  afterEach(() => gateway.close());

  const wallet = async (token: string) => {
    const { status, body } = await gateway.call('GET', '/v1/wallet', { token });
    return [status, body['code']];
  };
  const signed = (wanted: SignedToken) => provider.sign({ claims, ...wanted });

  it('its token is who one is, in every document', async () => {
    const token = await provider.tokenOf(USER, ['operator', 'emperor']);
    expect((await gateway.call('GET', '/v1/wallet', { token })).status).toBe(200);
    expect((await gateway.call('GET', '/v1/ops/queues', { token })).status).toBe(200);
    expect((await gateway.call('GET', '/v1/admin/waiting-rooms', { token })).status).toBe(403);
    expect((await gateway.call('GET', '/balance', { token })).body).toEqual({ balance: 50_000 });
    const users = gateway.services.asked.flatMap(({ payload }) =>
      Object.entries(payload as object).filter(([name]) => name === 'userId'),
    );
    expect(new Set(users.map(([, userId]) => userId as number))).toEqual(new Set([USER]));
  });

  it('the number of the user is in its claim, or is the subject', async () => {
    expect(await wallet(await provider.sign({ claims: { sub: '7' } }))).toEqual([200, undefined]);
    expect(await wallet(await provider.sign({ claims: { encore_user_id: '7' } }))).toEqual([
      200,
      undefined,
    ]);
    for (const nobody of ['somebody', '0', '-1', '1.5', String(2 ** 52), '9'.repeat(30)]) {
      const token = await provider.sign({ claims: { sub: nobody } });
      expect(await wallet(token)).toEqual([403, 'USER_UNKNOWN']);
    }
    expect(gateway.services.of(ReadPass)).toEqual([]);
  });

  it.each([
    ['of another issuer', { issuer: 'https://elsewhere.example' }, 'TOKEN_INVALID'],
    ['for another audience', { audience: 'another-api' }, 'TOKEN_INVALID'],
    ['whose time is over', { seconds: -60 }, 'TOKEN_EXPIRED'],
    ['of another type', { typ: 'logout+jwt' }, 'TOKEN_INVALID'],
    ['without a key id', { kid: null }, 'TOKEN_INVALID'],
    ['of a key nobody knows', { kid: 'unknown' }, 'TOKEN_INVALID'],
    ['signed by a stranger', { byStranger: true }, 'TOKEN_INVALID'],
  ] as const)('a token %s is refused', async (_what, wanted, code) => {
    expect(await wallet(await signed(wanted))).toEqual([401, code]);
    expect(gateway.services.asked).toEqual([]);
  });

  it('a token nobody signed, or that was signed with what is public, is refused', async () => {
    expect(await wallet(provider.unsigned(claims))).toEqual([401, 'TOKEN_INVALID']);
    expect(await wallet(await provider.signedWithPublicKey(claims))).toEqual([
      401,
      'TOKEN_INVALID',
    ]);
    expect(gateway.services.asked).toEqual([]);
  });

  it('a token of our own proves nothing', async () => {
    expect(await wallet(await gateway.tokenOf(USER))).toEqual([401, 'TOKEN_INVALID']);
    gateway.services.on(ReadPass, () => accepted(samples.pass(USER)));
    const { tokenId, tokenUuid } = samples.pass(USER);
    for (const authorization of [String(tokenId), `${tokenUuid}_3`]) {
      const answer = await gateway.call('GET', '/balance', { headers: { authorization } });
      expect(answer.status).toBe(401);
    }
    expect(gateway.services.asked).toEqual([]);
  });

  it('beside the provider’s, a token of our own must say the same', async () => {
    gateway.services.on(ReadPass, ({ by }) =>
      accepted(samples.pass('tokenId' in by ? by.tokenId : USER)),
    );
    const token = await provider.tokenOf(USER);
    const status = async (mine: string) =>
      (await gateway.call('GET', '/balance', { token, headers: { token: mine } })).status;
    expect(await status(await gateway.tokenOf(USER))).toBe(200);
    expect(await status(String(USER))).toBe(200);
    expect(await status(await gateway.tokenOf(USER + 1))).toBe(403);
    expect(await status(String(USER + 1))).toBe(403);
    expect(await status('nonsense')).toBe(401);
  });

  it('a new key counts at once, a withdrawn one no more', async () => {
    const before = await provider.tokenOf(USER);
    expect(await wallet(before)).toEqual([200, undefined]);
    await provider.rotate({ keepOld: true });
    expect(await wallet(await provider.tokenOf(USER))).toEqual([200, undefined]);
    expect(await wallet(await signed({ kid: 'key-0' }))).toEqual([401, 'TOKEN_INVALID']);
    const old = await provider.tokenOf(USER + 1);
    await provider.rotate();
    expect(await wallet(await provider.tokenOf(USER))).toEqual([200, undefined]);
    expect(await wallet(old)).toEqual([401, 'TOKEN_INVALID']);
  });

  it('unknown keys do not make us ask for the keys again and again', async () => {
    await gateway.close();
    gateway = await openGatewayUnderTest({ ...provider.environment, OIDC_COOLDOWN_MS: '60000' });
    expect(await wallet(await provider.tokenOf(USER))).toEqual([200, undefined]);
    const asked = provider.keyRequests;
    for (const kid of ['a', 'b', 'c']) {
      expect(await wallet(await signed({ kid }))).toEqual([401, 'TOKEN_INVALID']);
    }
    expect(provider.keyRequests).toBe(asked);
  });

  it('while it is away, who is known goes on and who is not is told to come back', async () => {
    const known = await provider.tokenOf(USER);
    expect(await wallet(known)).toEqual([200, undefined]);
    const [sameKey, otherKey] = [await provider.tokenOf(USER + 1), await signed({ kid: 'new' })];
    await provider.goAway();
    try {
      expect(await wallet(known)).toEqual([200, undefined]);
      expect(await wallet(sameKey)).toEqual([200, undefined]);
      const away = await gateway.call('GET', '/v1/wallet', { token: otherKey });
      expect([away.status, away.body['code']]).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect(away.headers.get('retry-after')).toBe('2');
    } finally {
      await provider.comeBack();
    }
    expect(await wallet(otherKey)).toEqual([401, 'TOKEN_INVALID']);
  });

  it('the gateway gives no tokens, and makes users for operators only', async () => {
    const given = await gateway.call('POST', '/v1/tokens', { json: { userId: USER } });
    expect([given.status, given.body['code']]).toEqual([403, 'OPEN_MODE_ONLY']);
    const make = async (token?: string) =>
      (await gateway.call('POST', '/v1/users', token === undefined ? {} : { token })).status;
    expect(await make()).toBe(401);
    expect(await make(await provider.tokenOf(USER))).toBe(403);
    expect(await make(await provider.tokenOf(USER, ['operator']))).toBe(201);
  });

  it('routes documented without a token need one, and give one for nobody else', async () => {
    const issue = async (userId: number, token?: string) => {
      const json = { userId };
      const asking = token === undefined ? { json } : { json, token };
      return (await gateway.call('POST', '/auth/token', asking)).status;
    };
    expect(await issue(USER)).toBe(401);
    expect(await issue(USER + 1, await provider.tokenOf(USER))).toBe(403);
    expect(gateway.services.changes()).toEqual([]);
    expect(await issue(USER, await provider.tokenOf(USER))).toBe(200);
  });
});
