import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import { bearerToken } from './bearer.js';
import { ephemeralTokenKeys, readTokenKeys } from './token-keys.js';
import { Tokens } from './tokens.js';

const options = { issuer: 'encore', audience: 'encore-api', seconds: 60, cacheMaxTokens: 10 };
const now = new Date('2026-11-20T09:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);

async function jwk(kid: string) {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return { ...(await exportJWK(privateKey)), kid };
}

const setOf = (...keys: object[]) => JSON.stringify({ keys });

describe('a token', () => {
  it('names its user and roles to whoever knows the key', async () => {
    const tokens = new Tokens(await ephemeralTokenKeys(), options);
    const { token, expiresAt } = await tokens.issue({ userId: 7, roles: ['operator'] }, now);
    expect(expiresAt).toEqual(later(60));
    expect(await tokens.verify(token, now)).toEqual({ userId: 7, roles: ['operator'] });
  });

  it('for one thing is one text, renewed when half of its time is over', async () => {
    const keys = await ephemeralTokenKeys();
    const identity = { userId: 7, roles: [] };
    const given = async (tokenId: string, seconds: number) => {
      // Another gateway with the same keys gives the same token.
      const tokens = new Tokens(keys, options);
      return tokens.issueOnce(identity, { tokenId, since: now }, later(seconds));
    };
    const { token, expiresAt } = await given('entry-1', 0);
    expect(expiresAt).toEqual(later(60));
    expect((await given('entry-1', 29)).token).toBe(token);
    expect((await given('entry-2', 0)).token).not.toBe(token);
    const renewed = await given('entry-1', 30);
    expect(renewed.token).not.toBe(token);
    expect(renewed.expiresAt).toEqual(later(90));
    expect((await given('entry-1', 59)).token).toBe(renewed.token);
    // A place taken by a clock that is ahead of ours.
    expect((await given('entry-1', -5)).token).toBe(token);
    expect(await new Tokens(keys, options).verify(token, later(29))).toEqual(identity);
  });

  it('ends, also when it was believed before', async () => {
    const tokens = new Tokens(await ephemeralTokenKeys(), options);
    const { token } = await tokens.issue({ userId: 7, roles: [] }, now);
    await tokens.verify(token, now);
    await expect(tokens.verify(token, later(70))).rejects.toMatchObject({
      problem: { status: 401, code: 'TOKEN_EXPIRED' },
    });
  });

  it('is believed after a new key was put in front of the old one', async () => {
    const [old, young] = [await jwk('old'), await jwk('young')];
    const before = new Tokens(await readTokenKeys(setOf(old)), options);
    const after = new Tokens(await readTokenKeys(setOf(young, old)), options);
    const { token } = await before.issue({ userId: 7, roles: [] }, now);
    expect(await after.verify(token, now)).toMatchObject({ userId: 7 });
    const { token: newer } = await after.issue({ userId: 7, roles: [] }, now);
    await expect(before.verify(newer, now)).rejects.toMatchObject({
      problem: { code: 'TOKEN_INVALID' },
    });
  });

  it('is not believed when anything about it is wrong', async () => {
    const keys = await ephemeralTokenKeys();
    const tokens = new Tokens(keys, options);
    const { token } = await tokens.issue({ userId: 7, roles: [] }, now);
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const sign = (claims: object, head: object = {}, key: CryptoKey = keys.signing.key) =>
      new SignJWT({
        ...{ sub: '7', iss: 'encore', aud: 'encore-api', exp: now.getTime() / 1_000 + 60 },
        ...claims,
      })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: keys.signing.kid, ...head })
        .sign(key);
    const { privateKey: strange } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const forged = Buffer.from('{"sub":"8"}').toString('base64url');
    const wrong = [
      '',
      'a.b.c',
      `${header}.${payload}`,
      `${header}.${forged}.${signature}`,
      `${header}.${payload}.${signature.slice(2)}AA`,
      new UnsecuredJWT({ sub: '7' }).encode(),
      await sign({ aud: 'another' }),
      await sign({ iss: 'another' }),
      await sign({ exp: undefined }),
      await sign({ sub: 'admin' }),
      await sign({ sub: '0' }),
      await sign({ sub: '99999999999999999999' }),
      await sign({}, { typ: 'JWT' }),
      await sign({}, { kid: 'unknown' }),
      await sign({}, {}, strange),
      'x'.repeat(5_000),
    ];
    for (const one of wrong) {
      await expect(tokens.verify(one, now)).rejects.toMatchObject({
        problem: { status: 401, code: 'TOKEN_INVALID' },
      });
    }
  });

  it('gives no role this gateway does not know', async () => {
    const keys = await ephemeralTokenKeys();
    const token = await new SignJWT({ roles: ['operator', 'emperor'] })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: keys.signing.kid })
      .setSubject('7')
      .setIssuer('encore')
      .setAudience('encore-api')
      .setExpirationTime(later(60))
      .sign(keys.signing.key);
    const { roles } = await new Tokens(keys, options).verify(token, now);
    expect(roles).toEqual(['operator']);
  });
});

describe('a set of signing keys', () => {
  it('is refused without telling the key when it cannot be used', async () => {
    const key = await jwk('a');
    const { d: secret, ...publicOnly } = key;
    const wrong = ['', 'nonsense', '{}', setOf(), setOf(publicOnly), setOf({ ...key, kid: '' })];
    wrong.push(
      setOf(key, key),
      setOf({ ...key, x: '?' }),
      setOf({ kty: 'oct', k: 'AA', kid: 'b' }),
    );
    for (const one of wrong) {
      const failure: unknown = await readTokenKeys(one).catch((error: unknown) => error);
      expect(failure).toHaveProperty('name', 'TokenKeysError');
      expect(String(failure)).not.toContain(secret);
    }
  });
});

describe('the authorization header', () => {
  it('carries a bearer token, or nothing', () => {
    expect(bearerToken('Bearer a.b-c_d')).toBe('a.b-c_d');
    expect(bearerToken('bearer   abc')).toBe('abc');
    expect(bearerToken(undefined)).toBeUndefined();
  });

  it.each(['abc', 'Basic abc', 'Bearer', 'Bearer ', 'Bearer a b', 'Bearer a,b'])(
    'is refused as %j',
    (header) => expect(() => bearerToken(header)).toThrow('TOKEN_INVALID'),
  );
});
