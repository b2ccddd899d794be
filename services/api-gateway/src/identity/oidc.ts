import { isGuestId, values } from '@encore/contracts';
import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type FlattenedJWSInput,
  type JWTHeaderParameters,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { ProblemError } from '../http/problem.js';
import type { IdentityVerifier } from './credentials.js';
import { role, unauthorized, type Identity, type Role } from './tokens.js';

export interface OidcOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  /** The claim that holds the number of the user; the subject, when it is a number, if absent. */
  readonly userClaim: string;
  readonly rolesClaim: string;
  readonly algorithms: readonly string[];
  /** How long the provider may take to show its keys. */
  readonly timeoutMs: number;
  /** How soon an unknown key id makes us ask for the keys again. */
  readonly cooldownMs: number;
  /** How old the keys we know may be. */
  readonly keysMaxAgeMs: number;
  /** How long a verified token is remembered: a key that is withdrawn counts after that. */
  readonly rememberMs: number;
  readonly cacheMaxTokens: number;
}

interface Verified {
  readonly identity: Identity;
  readonly expiresAtMs: number;
}

const MAX_TOKEN_CHARS = 8_192;
const CLOCK_TOLERANCE_SECONDS = 5;
/** Providers disagree on the type of access tokens; what is made for something else has another. */
const TYPES: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt', 'jwt']);

/**
 * Checks the tokens of an OpenID Connect provider against its published keys. Its keys may change
 * at any time: an unknown key id makes us look again, though not more often than the cooldown.
 */
export class OidcVerifier implements IdentityVerifier {
  private readonly verified: LRUCache<string, Verified>;
  private readonly keys: JWTVerifyGetKey;

  constructor(private readonly options: OidcOptions) {
    this.verified = new LRUCache({ max: options.cacheMaxTokens });
    this.keys = createRemoteJWKSet(new URL(options.jwksUrl), {
      timeoutDuration: options.timeoutMs,
      cooldownDuration: options.cooldownMs,
      cacheMaxAge: options.keysMaxAgeMs,
    });
  }

  /** Throws 401 for what is no live token of the provider, 503 while its keys cannot be had. */
  async verify(token: string, now = new Date()): Promise<Identity> {
    const known = this.verified.get(token);
    if (known !== undefined && known.expiresAtMs > now.getTime()) return known.identity;
    if (token.length > MAX_TOKEN_CHARS) throw unauthorized('TOKEN_INVALID');
    const payload = await this.payloadOf(token, now);
    const identity = { userId: this.userOf(payload), roles: this.rolesOf(payload) };
    const expiresAtMs = (payload.exp ?? 0) * 1_000;
    const rememberedUntilMs = Math.min(expiresAtMs, now.getTime() + this.options.rememberMs);
    this.verified.set(token, { identity, expiresAtMs: rememberedUntilMs });
    return identity;
  }

  private async payloadOf(token: string, now: Date): Promise<JWTPayload> {
    try {
      const { payload, protectedHeader } = await jwtVerify(
        token,
        (header, jws) => this.keyOf(header, jws),
        {
          algorithms: [...this.options.algorithms],
          issuer: this.options.issuer,
          audience: this.options.audience,
          requiredClaims: ['sub', 'exp'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: now,
        },
      );
      const type = protectedHeader.typ?.toLowerCase();
      if (type !== undefined && !TYPES.has(type)) throw unauthorized('TOKEN_INVALID');
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthorized('TOKEN_EXPIRED');
      if (error instanceof errors.JOSEError) throw unauthorized('TOKEN_INVALID');
      throw error;
    }
  }

  /** That the keys cannot be had says nothing about the token, so it is no 401. */
  private async keyOf(header: JWTHeaderParameters, jws: FlattenedJWSInput) {
    if (header.kid === undefined) throw new errors.JWKSNoMatchingKey();
    try {
      return await this.keys(header, jws);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      if (error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      if (error instanceof errors.JOSENotSupported) throw error;
      throw providerUnavailable(error);
    }
  }

  private userOf(payload: JWTPayload): number {
    const claimed = payload[this.options.userClaim] ?? payload.sub;
    const userId = typeof claimed === 'string' && /^\d+$/.test(claimed) ? Number(claimed) : claimed;
    const parsed = values.id.safeParse(userId);
    if (parsed.success && !isGuestId(parsed.data)) return parsed.data;
    throw new ProblemError('USER_UNKNOWN');
  }

  private rolesOf(payload: JWTPayload): Role[] {
    const claimed = payload[this.options.rolesClaim];
    const names: unknown[] = typeof claimed === 'string' ? claimed.split(' ') : asArray(claimed);
    return role.options.filter((known) => names.includes(known));
  }
}

function providerUnavailable(cause: unknown): ProblemError {
  const unavailable = new ProblemError('SERVICE_UNAVAILABLE', {
    detail: 'The identity provider cannot be asked just now. Nothing was changed: try again.',
    headers: { 'retry-after': '2' },
  });
  unavailable.cause = cause;
  return unavailable;
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
