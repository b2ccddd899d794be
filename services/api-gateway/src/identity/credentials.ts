import { isGuestId, ReadPass, ReadUser, type EntryView } from '@encore/contracts';
import type { Origin } from '../application/caller.js';
import { RefusalError } from '../clients/refusal-error.js';
import type { Services } from '../clients/services.js';
import { ProblemError } from '../http/problem.js';
import { unauthorized, type Identity, type Tokens } from './tokens.js';

/** The tokens one request carries, from the places a client may put them. */
export interface Presented {
  readonly authorization: string | undefined;
  readonly tokenHeader: string | undefined;
  /** From the query or the body, where the document has one. */
  readonly field: string | undefined;
}

export interface Caller {
  readonly identity: Identity;
  /** Of a guest's pass: it belongs to whom it acts for first. */
  readonly guestUuid?: string;
  /** The place the token was given with; undefined for one that names only a person. */
  readonly entry?: EntryView;
}

/** Checks what proves who somebody is: our own tokens, or a provider's. */
export interface IdentityVerifier {
  /** Throws a 401 problem for everything that is not a live token. */
  verify(token: string): Promise<Identity>;
}

type PassSecret = { readonly tokenId: number } | { readonly tokenUuid: string };

const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
/** The position behind the uuid is for people to read; it proves nothing. */
const UUID = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:_\d{1,16})?$/i;
const NUMBER = /^[1-9]\d{0,15}$/;

/** Which pass a text is the secret of; undefined when it cannot be one. */
export function passSecretOf(text: string): PassSecret | undefined {
  const tokenUuid = UUID.exec(text)?.[1];
  if (tokenUuid !== undefined) return { tokenUuid: tokenUuid.toLowerCase() };
  const tokenId = Number(text);
  return NUMBER.test(text) && Number.isSafeInteger(tokenId) ? { tokenId } : undefined;
}

/** Finds out who calls a published document's route, from whatever kind of token it gave out. */
export class Credentials {
  constructor(
    private readonly services: Pick<Services, 'query'>,
    private readonly tokens: Pick<Tokens, 'verify'>,
    /** Undefined in open mode: then our own tokens prove who somebody is. */
    private readonly provider: IdentityVerifier | undefined,
  ) {}

  /** Undefined when the request carries no token at all. */
  async callerOf(
    presented: Presented,
    options: { origin: Origin; allowsEnded: boolean },
  ): Promise<Caller | undefined> {
    const { authorization, tokenHeader, field } = presented;
    const given = [authorization, tokenHeader, field].filter((token) => token !== undefined);
    const [first, ...others] = [...new Set(given)];
    if (first === undefined) return undefined;
    if (this.provider === undefined) {
      if (others.length > 0) throw new ProblemError('TOKENS_DIFFER');
      return this.ownCallerOf(first, options);
    }
    const identity = await this.provider.verify(first);
    if (others.length > 1) throw new ProblemError('TOKENS_DIFFER');
    const [pass] = others;
    return pass === undefined ? { identity } : this.withPass(identity, pass, options);
  }

  /** Refuses when there is no such user. */
  async requireUser(userId: number, origin: Origin): Promise<void> {
    await this.services.query(ReadUser, { userId }, origin);
  }

  /** The provider says who it is; a token of ours beside it must not say something else. */
  private async withPass(
    identity: Identity,
    token: string,
    options: { origin: Origin; allowsEnded: boolean },
  ): Promise<Caller> {
    const own = await this.ownCallerOf(token, options);
    const isGuests = own.guestUuid !== undefined;
    if (!isGuests && own.identity.userId !== identity.userId) {
      throw new ProblemError('NOT_YOURSELF');
    }
    return { ...own, identity };
  }

  private async ownCallerOf(
    token: string,
    { origin, allowsEnded }: { origin: Origin; allowsEnded: boolean },
  ): Promise<Caller> {
    if (JWT.test(token)) return { identity: await this.tokens.verify(token) };
    const by = passSecretOf(token);
    if (by === undefined) throw unauthorized('TOKEN_INVALID');
    const pass = await this.services.query(ReadPass, { by }, origin);
    if (!allowsEnded) requireLive(pass.entry);
    const { entry, isGuest, tokenUuid } = pass;
    const identity = { userId: entry.userId, roles: [] };
    return isGuest ? { identity, entry, guestUuid: tokenUuid } : { identity, entry };
  }
}

/** A pass is good for one turn. Whoever holds a place again has been given another one. */
export function requireLive({ state }: EntryView): void {
  if (state === 'USED') throw new ProblemError('ENTRY_USED');
  if (state === 'EXPIRED' || state === 'LEFT') throw new ProblemError('ENTRY_EXPIRED');
}

/** Whether a token failed only because its time is over: whoever asks for a new one may show it. */
export function isOver(error: unknown): boolean {
  if (error instanceof RefusalError) return error.refusal === 'QUEUE_PASS_NOT_FOUND';
  if (!(error instanceof ProblemError)) return false;
  return ['TOKEN_EXPIRED', 'ENTRY_USED', 'ENTRY_EXPIRED'].includes(error.problem.code);
}

const PRESENTED = /^(?:(?:Bearer|Token) +)?([A-Za-z0-9._~+/=-]+) *$/i;

/** A token as a header carries it, with or without the name of a scheme. */
export function presentedToken(header: string | string[] | undefined): string | undefined {
  if (header === undefined || header === '') return undefined;
  const token = typeof header === 'string' ? PRESENTED.exec(header)?.[1] : undefined;
  if (token === undefined) throw unauthorized('TOKEN_INVALID');
  return token;
}

const USER_ID = /^[1-9]\d{0,15}$/;

/**
 * The user a request says it is about, wherever it says so. Undefined when it says nothing that
 * could be a user; two different users are more than one caller can be.
 */
export function assertedUserOf(values: readonly unknown[]): number | undefined {
  const said = values.filter((value) => typeof value === 'string' || typeof value === 'number');
  const [first, ...others] = [...new Set(said.map(String))];
  if (others.length > 0) throw new ProblemError('NOT_YOURSELF');
  if (first === undefined || !USER_ID.test(first)) return undefined;
  const userId = Number(first);
  if (isGuestId(userId)) throw new ProblemError('NOT_YOURSELF');
  return userId;
}
