import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { ACTOR_ROLES, values, type ActorRole } from '@encore/contracts';
import type { Actor, ActorVerifier, Carrier, EnvelopeVoucher } from '@encore/messaging';
import { z } from 'zod';

/**
 * An assertion is a compact JWS that says who a message is from. Whoever found that out signs it,
 * and every service checks it by itself. A voucher is one that says that everything in an envelope
 * is the signer's: assertions that come in it need no check of their own. One algorithm, one
 * audience, a type for each: nothing about them is negotiable, so a person's own token is never
 * taken for one of them, nor one for a token or for the other.
 */
const ALGORITHM = 'EdDSA';
const ASSERTION = 'encore-actor+jwt';
const VOUCHER = 'encore-envelope+jwt';
type Type = typeof ASSERTION | typeof VOUCHER;
const AUDIENCE = 'encore-services';
const LIFE_SECONDS = 300;
/** One is used again while it is younger than this: every message leaves it time to arrive. */
const REUSE_SECONDS = 240;
const CLOCK_TOLERANCE_SECONDS = 5;
/** Ours have some 300 characters: a longer one is not worth a look. */
const MAX_CHARS = 2_048;
const REMEMBERED = 50_000;

const header = z.object({
  alg: z.literal(ALGORITHM),
  typ: z.enum([ASSERTION, VOUCHER]),
  kid: z.string(),
  /** Would name something that must be understood, and is not. */
  crit: z.undefined().optional(),
});
const timely = { aud: z.literal(AUDIENCE), iat: z.int(), exp: z.int() };
const voucherClaims = z.object({ ...timely, sha256: z.string() });
const claims = z.object({
  ...timely,
  sub: z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .transform(Number)
    .pipe(values.id)
    .optional(),
  roles: z.array(z.string()).max(10),
});

/** Public keys by their ids, as ACTOR_VERIFICATION_KEYS gives them. */
export type ActorKeys = ReadonlyMap<string, KeyObject>;

const publicKey = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  kid: z.string().min(1).max(100),
  x: z.string(),
  d: z.undefined('is a private key: services get the public ones only').optional(),
});

/** A JWK set as JSON to keys; two while one takes over from the other. */
export const actorKeys = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ keys: z.array(publicKey).min(1).max(10) }))
  .transform(({ keys }, context): ActorKeys => {
    try {
      const imported = keys.map(
        ({ kid, kty, crv, x }) =>
          [kid, createPublicKey({ key: { kty, crv, x }, format: 'jwk' })] as const,
      );
      return new Map(imported);
    } catch {
      context.addIssue('holds a key that cannot be used');
      return z.NEVER;
    }
  });

/** Says who messages are from, in the name of whoever has the key. */
export class ActorSigner implements EnvelopeVoucher {
  readonly #key: { readonly kid: string; readonly key: KeyObject };
  readonly #now: () => number;
  readonly #recent = new Map<string, { assertion: string; signedAtSeconds: number }>();

  constructor(key: { kid: string; key: KeyObject }, now: () => number = Date.now) {
    this.#key = key;
    this.#now = now;
  }

  /** The same text for the same actor for some minutes, so that services know it already. */
  sign(actor: Actor): string {
    const nowSeconds = Math.floor(this.#now() / 1_000);
    const who = `${actor.userId ?? ''} ${actor.roles.join(' ')}`;
    const recent = this.#recent.get(who);
    if (recent !== undefined && nowSeconds - recent.signedAtSeconds < REUSE_SECONDS) {
      return recent.assertion;
    }
    const assertion = this.#signNew(actor, nowSeconds);
    remember(this.#recent, who, { assertion, signedAtSeconds: nowSeconds });
    return assertion;
  }

  /** For the envelope with this content, and no other. */
  vouch(content: Buffer): string {
    return this.#signed(VOUCHER, { sha256: digestOf(content) }, Math.floor(this.#now() / 1_000));
  }

  #signNew({ userId, roles }: Actor, nowSeconds: number): string {
    const who = userId === null ? {} : { sub: String(userId) };
    return this.#signed(ASSERTION, { ...who, roles }, nowSeconds);
  }

  #signed(typ: Type, said: object, nowSeconds: number): string {
    const { kid, key } = this.#key;
    const text = [
      { alg: ALGORITHM, typ, kid },
      { aud: AUDIENCE, ...said, iat: nowSeconds, exp: nowSeconds + LIFE_SECONDS },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
  }
}

/**
 * Checks assertions. Synchronous on purpose: messages keep their order, and all but the first of a
 * person's in some minutes cost a look into a map.
 */
export class ActorAssertions implements ActorVerifier {
  readonly #keys: ActorKeys;
  readonly #now: () => number;
  readonly #verified = new Map<string, { actor: Actor; expiresAtSeconds: number }>();
  readonly #vouchedFor = new WeakMap<Carrier, boolean>();

  constructor(keys: ActorKeys, now: () => number = Date.now) {
    this.#keys = keys;
    this.#now = now;
  }

  verify(assertion: string, carrier?: Carrier): Actor | undefined {
    const nowSeconds = this.#now() / 1_000;
    const known = this.#verified.get(assertion);
    if (known !== undefined) {
      return isOver(known.expiresAtSeconds, nowSeconds) ? undefined : known.actor;
    }
    const read = this.#read(assertion, ASSERTION);
    if (read === undefined) return undefined;
    if (!this.#isVouchedFor(carrier, nowSeconds) && !isSigned(read)) return undefined;
    const said = claims.safeParse(decoded(read.body)).data;
    if (said === undefined || !isTimely(said, nowSeconds)) return undefined;
    const actor = { userId: said.sub ?? null, roles: said.roles.filter(isActorRole) };
    remember(this.#verified, assertion, { actor, expiresAtSeconds: said.exp });
    return actor;
  }

  /** Found out once for each carrier, when its first unknown assertion is met. */
  #isVouchedFor(carrier: Carrier | undefined, nowSeconds: number): boolean {
    if (carrier?.voucher === undefined) return false;
    const known = this.#vouchedFor.get(carrier);
    if (known !== undefined) return known;
    const isVouchedFor = this.#isVoucherOf(carrier.voucher, carrier.content, nowSeconds);
    this.#vouchedFor.set(carrier, isVouchedFor);
    return isVouchedFor;
  }

  #isVoucherOf(voucher: string, content: Buffer, nowSeconds: number): boolean {
    const read = this.#read(voucher, VOUCHER);
    if (read === undefined || !isSigned(read)) return false;
    const said = voucherClaims.safeParse(decoded(read.body)).data;
    if (said === undefined || !isTimely(said, nowSeconds)) return false;
    return said.sha256 === digestOf(content);
  }

  /** Takes it apart; undefined for what is no signature of this type by anybody known here. */
  #read(text: string, type: Type): Read | undefined {
    if (text.length > MAX_CHARS) return undefined;
    const [head = '', body = '', signature = '', ...more] = text.split('.');
    if (more.length > 0) return undefined;
    const { data: named } = header.safeParse(decoded(head));
    const key = named?.typ === type ? this.#keys.get(named.kid) : undefined;
    return key && { head, body, signature, key };
  }
}

/** A compact JWS in its parts, with the key it names. */
interface Read {
  readonly head: string;
  readonly body: string;
  readonly signature: string;
  readonly key: KeyObject;
}

function isSigned({ head, body, signature, key }: Read): boolean {
  const signed = Buffer.from(`${head}.${body}`);
  return verify(null, signed, key, Buffer.from(signature, 'base64url'));
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64url');
}

/** What was remembered first is forgotten first: nothing here is worth remembering for long. */
function remember<Value>(memory: Map<string, Value>, key: string, value: Value): void {
  memory.delete(key);
  if (memory.size >= REMEMBERED) {
    for (const oldest of memory.keys()) {
      memory.delete(oldest);
      break;
    }
  }
  memory.set(key, value);
}

function isTimely({ iat, exp }: { iat: number; exp: number }, nowSeconds: number): boolean {
  if (exp - iat > LIFE_SECONDS || iat > nowSeconds + CLOCK_TOLERANCE_SECONDS) return false;
  return !isOver(exp, nowSeconds);
}

function isOver(expiresAtSeconds: number, nowSeconds: number): boolean {
  return nowSeconds > expiresAtSeconds + CLOCK_TOLERANCE_SECONDS;
}

function isActorRole(name: string): name is ActorRole {
  return ACTOR_ROLES.some((role) => role === name);
}

/** Undefined for what is not JSON: no schema takes that. */
function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
