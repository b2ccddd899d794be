import {
  base64url,
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';
import type { SignedToken } from './oidc-provider.js';

const ALGORITHM = 'EdDSA';
const TYPE = 'at+jwt';
const ISSUER = 'encore';
const AUDIENCE = 'encore-api';
const KEY_ID = 'of-the-test';

interface KeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/**
 * The gateway's own tokens, good ones and bad ones: it signs with the key of the test, so the test
 * can sign what the gateway never would.
 */
export class OwnTokens {
  readonly #keys: KeyPair;
  readonly #privateJwk: JWK;

  private constructor(keys: KeyPair, privateJwk: JWK) {
    this.#keys = keys;
    this.#privateJwk = privateJwk;
  }

  static async make(): Promise<OwnTokens> {
    const keys = await newKeys();
    return new OwnTokens(keys, await exportJWK(keys.privateKey));
  }

  /** What a gateway needs to sign with the same key. */
  get environment(): Record<string, string> {
    const key = { ...this.#privateJwk, kid: KEY_ID };
    return { TOKEN_SIGNING_KEYS: JSON.stringify({ keys: [key] }) };
  }

  tokenOf(userId: number, roles: readonly string[] = []): Promise<string> {
    return this.sign({ claims: { sub: String(userId), roles: [...roles] } });
  }

  async sign(wanted: SignedToken = {}): Promise<string> {
    const { privateKey } = wanted.byStranger === true ? await newKeys() : this.#keys;
    const kid = wanted.kid === undefined ? KEY_ID : wanted.kid;
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ ...wanted.claims })
      .setProtectedHeader({
        alg: ALGORITHM,
        typ: wanted.typ ?? TYPE,
        ...(kid === null ? {} : { kid }),
      })
      .setIssuer(wanted.issuer ?? ISSUER)
      .setAudience(wanted.audience ?? AUDIENCE)
      .setIssuedAt(now - 3_600)
      .setExpirationTime(now + (wanted.seconds ?? 3_600))
      .sign(privateKey);
  }

  /** A token that carries the right claims and nobody's signature. */
  unsigned(claims: JWTPayload): string {
    return `${encoded({ alg: 'none', typ: TYPE, kid: KEY_ID })}.${payloadOf(claims)}.`;
  }

  /** A token signed with the public key as if it were a secret shared by both sides. */
  async signedWithPublicKey(claims: JWTPayload): Promise<string> {
    const text = `${encoded({ alg: 'HS256', typ: TYPE, kid: KEY_ID })}.${payloadOf(claims)}`;
    const publicJwk = await exportJWK(this.#keys.publicKey);
    const secret = new TextEncoder().encode(JSON.stringify({ ...publicJwk, kid: KEY_ID }));
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign']);
    const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text));
    return `${text}.${base64url.encode(new Uint8Array(signature))}`;
  }
}

function newKeys(): Promise<KeyPair> {
  return generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
}

function payloadOf(claims: JWTPayload): string {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  return encoded({ iss: ISSUER, aud: AUDIENCE, exp, ...claims });
}

function encoded(value: object): string {
  return base64url.encode(JSON.stringify(value));
}
