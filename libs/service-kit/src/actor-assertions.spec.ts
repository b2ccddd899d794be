import { createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ActorAssertions, ActorSigner } from './actor-assertions.js';

const START_MS = Date.UTC(2026, 10, 20);
const start = START_MS / 1_000;
const mine = generateKeyPairSync('ed25519');
const next = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const keys = new Map([
  ['one', mine.publicKey],
  ['two', next.publicKey],
]);
const SEVEN = { userId: 7, roles: [] };

let nowMs: number;
const now = () => nowMs;
let signer: ActorSigner;
let assertions: ActorAssertions;

beforeEach(() => {
  nowMs = START_MS;
  signer = new ActorSigner({ kid: 'one', key: mine.privateKey }, now);
  assertions = new ActorAssertions(keys, now);
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = { alg: 'EdDSA', typ: 'encore-actor+jwt', kid: 'one' };
const CLAIMS = { aud: 'encore-services', sub: '7', roles: [], iat: start, exp: start + 300 };

/** A well made assertion, but for what is given. */
function made(header: object, claims: object, key: KeyObject = mine.privateKey): string {
  const text = `${part({ ...HEADER, ...header })}.${part({ ...CLAIMS, ...claims })}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}

function madeByHmac(): string {
  const text = `${part({ ...HEADER, alg: 'HS256' })}.${part(CLAIMS)}`;
  const secret = JSON.stringify(mine.publicKey.export({ format: 'jwk' }));
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function withClaimsOf(assertion: string, claims: object): string {
  const [head, , signature] = assertion.split('.');
  return `${head}.${part({ ...CLAIMS, ...claims })}.${signature}`;
}

describe('an assertion', () => {
  it.each([
    ['a user', { userId: 7, roles: [] }],
    ['a guest', { userId: 2 ** 52 + 1, roles: [] }],
    ['an organiser', { userId: 7, roles: ['organiser', 'operator'] as const }],
    ['who is no user', { userId: null, roles: ['operator'] as const }],
  ])('proves %s, once and again', (_who, actor) => {
    const assertion = signer.sign(actor);
    expect(assertions.verify(assertion)).toEqual(actor);
    expect(assertions.verify(assertion)).toEqual(actor);
  });

  it('is the same text for the same actor for a while, so that it is known already', () => {
    const first = signer.sign(SEVEN);
    nowMs += 200_000;
    expect(signer.sign({ userId: 7, roles: [] })).toBe(first);
    expect(signer.sign({ userId: 8, roles: [] })).not.toBe(first);
    expect(signer.sign({ userId: 7, roles: ['operator'] })).not.toBe(first);
    nowMs += 60_000;
    const second = signer.sign(SEVEN);
    expect(second).not.toBe(first);
    expect(assertions.verify(second)).toEqual(SEVEN);
  });

  it('is over after five minutes, also where it is remembered', () => {
    const assertion = signer.sign(SEVEN);
    nowMs += 299_000;
    expect(assertions.verify(assertion)).toEqual(SEVEN);
    nowMs += 7_000;
    expect(assertions.verify(assertion)).toBeUndefined();
    expect(new ActorAssertions(keys, now).verify(assertion)).toBeUndefined();
  });

  it('is believed by either key while one takes over from the other', () => {
    expect(assertions.verify(made({ kid: 'two' }, {}, next.privateKey))).toEqual(SEVEN);
    const later = new ActorAssertions(new Map([['two', next.publicKey]]), now);
    expect(later.verify(signer.sign(SEVEN))).toBeUndefined();
  });

  it('lends nobody a role nobody knows', () => {
    const assertion = made({}, { roles: ['operator', 'emperor'] });
    expect(assertions.verify(assertion)).toEqual({ userId: 7, roles: ['operator'] });
  });
});

describe('what proves nothing', () => {
  it('is made here but for what is tested', () => {
    expect(assertions.verify(made({}, {}))).toEqual(SEVEN);
  });

  it.each([
    ['an access token', { typ: 'at+jwt' }],
    ['one without a type', { typ: undefined }],
    ['one of another algorithm', { alg: 'RS256' }],
    ['one of an unknown key', { kid: 'three' }],
    ['one of no key', { kid: undefined }],
    ['one that must be understood differently', { crit: ['b64'], b64: false }],
  ])('%s', (_what, header) => {
    expect(assertions.verify(made(header, {}))).toBeUndefined();
  });

  it.each([
    ['one for somebody else', { aud: 'encore-api' }],
    ['one for several', { aud: ['encore-services', 'encore-api'] }],
    ['one that is over', { iat: start - 400, exp: start - 100 }],
    ['one from the future', { iat: start + 60, exp: start + 300 }],
    ['one that lives too long', { exp: start + 301 }],
    ['one that never ends', { exp: undefined }],
    ['one of nobody in particular', { sub: '' }],
    ['one of no number', { sub: '7 or 8' }],
    ['one of a number that is no text', { sub: 7 }],
    ['one of a number that is too large', { sub: '9007199254740992' }],
    ['one without roles', { roles: undefined }],
  ])('%s', (_what, claims) => {
    expect(assertions.verify(made({}, claims))).toBeUndefined();
  });

  it.each([
    ['one signed by a stranger', made({}, {}, stranger.privateKey)],
    ['one signed by the other key', made({}, {}, next.privateKey)],
    ['one signed with a key of another kind', made({}, {}, rsa.privateKey)],
    ['one signed with the public key as a secret', madeByHmac()],
    ['one signed by nobody', `${part({ ...HEADER, alg: 'none' })}.${part(CLAIMS)}.`],
    ['one without a signature', made({}, {}).replace(/[^.]+$/, '')],
    ['one whose claims were changed', withClaimsOf(made({}, {}), { sub: '8' })],
    ['one with something behind it', `${made({}, {})}.x`],
    ['no assertion', 'x'],
    ['nothing', ''],
    ['one that is too long', made({}, { roles: ['x'.repeat(2_000)] })],
  ])('%s', (_what, assertion) => {
    expect(assertions.verify(assertion)).toBeUndefined();
  });
});

describe('a voucher', () => {
  const content = Buffer.from('everything in the envelope');
  /** Well made, and signed by nobody we know: only a voucher makes it believed. */
  const unsigned = made({}, {}, stranger.privateKey);
  const inside = (voucher: string | undefined, what = content) => ({ voucher, content: what });

  /** A voucher for `content`, but for what is given. */
  function voucherMade(header: object, said: object, key: KeyObject = mine.privateKey): string {
    const sha256 = createHash('sha256').update(content).digest('base64url');
    return made(
      { typ: 'encore-envelope+jwt', ...header },
      { sub: undefined, roles: undefined, sha256, ...said },
      key,
    );
  }

  it('stands for the assertions that come in its envelope, and from then on', () => {
    expect(assertions.verify(unsigned)).toBeUndefined();
    expect(assertions.verify(unsigned, inside(signer.vouch(content)))).toEqual(SEVEN);
    expect(assertions.verify(unsigned)).toEqual(SEVEN);
    expect(assertions.verify(unsigned, inside(undefined))).toEqual(SEVEN);
  });

  it('is checked once, however many assertions it stands for', () => {
    const carrier = inside(signer.vouch(content));
    expect(assertions.verify(unsigned, carrier)).toEqual(SEVEN);
    content.write('E');
    const eight = made({}, { sub: '8' }, stranger.privateKey);
    expect(assertions.verify(eight, carrier)).toEqual({ userId: 8, roles: [] });
    const nine = made({}, { sub: '9' }, stranger.privateKey);
    expect(assertions.verify(nine, { ...carrier })).toBeUndefined();
    content.write('e');
  });

  it('makes nothing true that an assertion may not say', () => {
    const carrier = inside(signer.vouch(content));
    for (const said of [{ exp: start + 301 }, { aud: 'encore-api' }, { sub: 'eight' }]) {
      expect(assertions.verify(made({}, said, stranger.privateKey), carrier)).toBeUndefined();
    }
    const token = made({ typ: 'at+jwt' }, {}, stranger.privateKey);
    expect(assertions.verify(token, carrier)).toBeUndefined();
    expect(assertions.verify(signer.vouch(content), carrier)).toBeUndefined();
  });

  it.each([
    [
      'of another envelope',
      new ActorSigner({ kid: 'one', key: mine.privateKey }, () => START_MS).vouch(
        Buffer.from('something else'),
      ),
    ],
    ['of a stranger', voucherMade({}, {}, stranger.privateKey)],
    ['by the other key than it names', voucherMade({}, {}, next.privateKey)],
    ['that is an assertion', made({}, {})],
    ['that is a token', voucherMade({ typ: 'at+jwt' }, {})],
    ['for somebody else', voucherMade({}, { aud: 'encore-api' })],
    ['that is over', voucherMade({}, { iat: start - 400, exp: start - 100 })],
    ['that says for nothing', voucherMade({}, { sha256: undefined })],
    ['that is none', 'x'],
    ['of no words', ''],
  ])('%s stands for nothing', (_what, voucher) => {
    expect(assertions.verify(unsigned, inside(voucher))).toBeUndefined();
    expect(assertions.verify(made({}, {}), inside(voucher))).toEqual(SEVEN);
  });

  it('is made here but for what is tested', () => {
    expect(assertions.verify(unsigned, inside(voucherMade({}, {})))).toEqual(SEVEN);
  });
});
