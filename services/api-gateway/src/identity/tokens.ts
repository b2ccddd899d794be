import { errors, jwtVerify, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { ProblemError } from '../http/problem.js';
import { SIGNATURE, type TokenKeys } from './token-keys.js';

export const role = z.enum(['organiser', 'operator']);
export type Role = z.output<typeof role>;

/** Who is acting. What they may do right now is decided by the services' state, not by a token. */
export interface Identity {
  readonly userId: number;
  readonly roles: readonly Role[];
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

interface TokenOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly seconds: number;
  readonly cacheMaxTokens: number;
}

interface Verified {
  readonly identity: Identity;
  readonly expiresAtMs: number;
}

const TOKEN_TYPE = 'at+jwt';
/** Ours are a few hundred characters; nothing longer is worth a signature check. */
const MAX_TOKEN_CHARS = 4_096;
const CLOCK_TOLERANCE_SECONDS = 5;

const claims = z.object({
  sub: z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .transform(Number)
    .refine(Number.isSafeInteger),
  roles: z.array(z.string()).max(10).default([]),
  exp: z.number(),
});

/** Signs and checks the gateway's own tokens. */
export class Tokens {
  private readonly verified: LRUCache<string, Verified>;

  constructor(
    private readonly keys: TokenKeys,
    private readonly options: TokenOptions,
  ) {
    this.verified = new LRUCache({ max: options.cacheMaxTokens });
  }

  /** How long a token lives. */
  get seconds(): number {
    return this.options.seconds;
  }

  issue(identity: Identity, now = new Date()): Promise<IssuedToken> {
    return this.sign(identity, Math.floor(now.getTime() / 1_000));
  }

  /**
   * The one token for something that began at `since`: asked for again, it is the same text,
   * because it counts as issued at the beginning of the present window. A window is half of a
   * token's life, so what is given out lives for at least the other half.
   */
  issueOnce(
    identity: Identity,
    { tokenId, since }: { tokenId: string; since: Date },
    now = new Date(),
  ): Promise<IssuedToken> {
    const windowSeconds = Math.max(1, Math.floor(this.options.seconds / 2));
    const began = Math.floor(since.getTime() / 1_000);
    const passed = Math.floor(now.getTime() / 1_000) - began;
    const windows = Math.max(0, Math.floor(passed / windowSeconds));
    return this.sign(identity, began + windows * windowSeconds, tokenId);
  }

  private async sign(identity: Identity, issuedAt: number, tokenId?: string): Promise<IssuedToken> {
    const expiresAt = issuedAt + this.options.seconds;
    const claimed = {
      roles: [...identity.roles],
      ...(tokenId === undefined ? {} : { jti: tokenId }),
    };
    const token = await new SignJWT(claimed)
      .setProtectedHeader({ alg: SIGNATURE, typ: TOKEN_TYPE, kid: this.keys.signing.kid })
      .setSubject(String(identity.userId))
      .setIssuer(this.options.issuer)
      .setAudience(this.options.audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.keys.signing.key);
    return { token, expiresAt: new Date(expiresAt * 1_000) };
  }

  /** Throws a 401 problem for everything that is not a live token of ours. */
  async verify(token: string, now = new Date()): Promise<Identity> {
    const known = this.verified.get(token);
    if (known !== undefined && known.expiresAtMs > now.getTime()) return known.identity;
    if (token.length > MAX_TOKEN_CHARS) throw unauthorized('TOKEN_INVALID');
    const parsed = claims.safeParse(await this.payloadOf(token, now));
    if (!parsed.success) throw unauthorized('TOKEN_INVALID');
    const { sub, roles, exp } = parsed.data;
    const identity = { userId: sub, roles: roles.filter(isRole) };
    this.verified.set(token, { identity, expiresAtMs: exp * 1_000 });
    return identity;
  }

  private async payloadOf(token: string, now: Date): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.keyOf(kid), {
        algorithms: [SIGNATURE],
        typ: TOKEN_TYPE,
        issuer: this.options.issuer,
        audience: this.options.audience,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: now,
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthorized('TOKEN_EXPIRED');
      if (error instanceof errors.JOSEError) throw unauthorized('TOKEN_INVALID');
      throw error;
    }
  }

  private keyOf(kid: string | undefined): CryptoKey {
    const key = kid === undefined ? undefined : this.keys.verifying.get(kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  }
}

/** RFC 6750: without a token the challenge says only the scheme, with a bad one also why. */
export function unauthorized(
  code: 'AUTHENTICATION_REQUIRED' | 'TOKEN_INVALID' | 'TOKEN_EXPIRED',
): ProblemError {
  const challenge =
    code === 'AUTHENTICATION_REQUIRED'
      ? 'Bearer realm="encore"'
      : 'Bearer realm="encore", error="invalid_token"';
  return new ProblemError(code, { headers: { 'www-authenticate': challenge } });
}

function isRole(value: string): value is Role {
  return role.safeParse(value).success;
}
