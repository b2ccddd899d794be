import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose';
import { z } from 'zod';

/** The one family of signatures tokens carry. */
export const SIGNATURE = 'EdDSA';

export interface TokenKeys {
  readonly signing: { readonly kid: string; readonly key: CryptoKey };
  /** Every key a token may be signed with, by its id: old ones overlap with the new one. */
  readonly verifying: ReadonlyMap<string, CryptoKey>;
}

/** TOKEN_SIGNING_KEYS cannot be used; the gateway does not start. Names no key material. */
export class TokenKeysError extends Error {
  override name = 'TokenKeysError';
}

const keySet = z.object({
  keys: z
    .array(
      z.looseObject({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        kid: z.string().min(1).max(100),
        x: z.string(),
        d: z.string(),
      }),
    )
    .min(1)
    .max(10),
});

/** The first key signs, all verify: a new key is put in front while tokens of the old one live. */
export async function readTokenKeys(json: string): Promise<TokenKeys> {
  const parsed = keySet.safeParse(parseJson(json));
  if (!parsed.success) {
    throw new TokenKeysError(
      'TOKEN_SIGNING_KEYS must be a JWK set of private Ed25519 keys, each with a kid',
    );
  }
  const verifying = new Map<string, CryptoKey>();
  for (const jwk of parsed.data.keys) {
    if (verifying.has(jwk.kid)) {
      throw new TokenKeysError(`TOKEN_SIGNING_KEYS names the key id ${jwk.kid} twice`);
    }
    const { kty, crv, kid, x } = jwk;
    verifying.set(kid, await importKey({ kty, crv, kid, x }));
  }
  const [first] = parsed.data.keys;
  if (first === undefined) throw new TokenKeysError('TOKEN_SIGNING_KEYS is empty');
  return { signing: { kid: first.kid, key: await importKey(first) }, verifying };
}

/** Keys that live as long as the process: for local runs, where a restart may log everybody out. */
export async function ephemeralTokenKeys(): Promise<TokenKeys> {
  const { publicKey, privateKey } = await generateKeyPair(SIGNATURE, { crv: 'Ed25519' });
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
  return { signing: { kid, key: privateKey }, verifying: new Map([[kid, publicKey]]) };
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  try {
    const key = await importJWK(jwk, SIGNATURE);
    if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
    return key;
  } catch (error) {
    throw new TokenKeysError(`TOKEN_SIGNING_KEYS holds an unusable key ${jwk.kid ?? ''}`, {
      cause: error,
    });
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new TokenKeysError('TOKEN_SIGNING_KEYS is not JSON', { cause: error });
  }
}
