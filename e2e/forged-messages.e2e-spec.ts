import { createPrivateKey, generateKeyPairSync, randomUUID, type JsonWebKey } from 'node:crypto';
import { ActorSigner } from '@encore/service-kit';
import type { Stranger } from '@encore/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { arrive, must } from './support/buying.js';
import type { Person } from './support/person.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from './support/whole-system.js';

const OWNER = 1;
const MALLORY = 2;
const FIVE_MINUTES_MS = 300_000;

/** Everything a person could have or lose, and everything a service remembers of requests. */
const PROPERTY = {
  reservation: [
    `select 'r', reservation_id, user_id, state, payment_id, expires_at from reservations order by 2`,
    `select 'i', message_id from inbox order by 2`,
  ],
  wallet: [
    `select 'a', user_id, balance_krw from accounts where balance_krw > 0 order by 2`,
    `select 'i', message_id from inbox order by 2`,
  ],
  payment: [
    `select 'p', payment_id, user_id, state from payments order by 2`,
    `select 's', id from sagas order by 2`,
    `select 'i', message_id from inbox order by 2`,
  ],
  queue: [
    `select 'e', entry_id, user_id, state from entries order by 2`,
    `select 'i', message_id from inbox order by 2`,
  ],
} as const;

describe('A message that went past the gateway', () => {
  let whole: WholeSystem;
  let stranger: Stranger;
  let owner: Person;
  let reservationId: number;
  let entryId: number;
  let signingKey: JsonWebKey & { kid: string };

  beforeAll(async () => {
    whole = await bootWholeSystem();
    stranger = await whole.stranger();
    owner = await arrive(whole, OWNER, 5 * SEAT_PRICE_KRW);
    entryId = must(await owner.entry(), 200).body.entryId;
    reservationId = must(await owner.hold(1, [1]), 201).body.reservationId;
    const [key] = whole.secrets.tokenSigningKeys.keys;
    signingKey = key as typeof signingKey;
    await whole.books.quiet();
  });
  afterAll(async () => {
    await stranger.close();
    await whole.end();
  });

  async function property(): Promise<unknown> {
    const found = Object.entries(PROPERTY).flatMap(([service, queries]) =>
      queries.map((text) => whole.books.rows(service as keyof typeof PROPERTY, text)),
    );
    return Promise.all(found);
  }

  /** The words of a gateway, as far as a key goes. */
  function signedBy(key: JsonWebKey, userId: number, atMs = Date.now()): string {
    const privateKey = createPrivateKey({ key, format: 'jwk' });
    const signer = new ActorSigner({ kid: signingKey.kid, key: privateKey }, () => atMs);
    return signer.sign({ userId, roles: [] });
  }

  function unsigned(): string {
    const [, claims] = signedBy(signingKey, OWNER).split('.');
    const { kid } = signingKey;
    const header = JSON.stringify({ alg: 'none', typ: 'encore-actor+jwt', kid });
    return `${Buffer.from(header).toString('base64url')}.${claims}.`;
  }

  const forgeries: Record<string, () => string | undefined> = {
    'nobody’s word': () => undefined,
    'the word of another user': () => signedBy(signingKey, MALLORY),
    'a word of last hour': () => signedBy(signingKey, OWNER, Date.now() - 12 * FIVE_MINUTES_MS),
    'a word signed with a key of one’s own': () =>
      signedBy(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), OWNER),
    'a word signed by nobody': unsigned,
    'the owner’s own access token': () => owner.token,
  };

  /** What a stranger would like to have done or to know, each in the owner's name. */
  const wishes = () =>
    [
      ['reservation', 'hold-seats', { scheduleId: 1, seats: { seatNumbers: [2] } }],
      ['reservation', 'cancel-reservation', { reservationId }],
      ['reservation', 'read-reservation', { reservationId }],
      [
        'payment',
        'request-payment',
        { reservationId, expectedAmountKrw: null, entryId, roomId: 'default' },
      ],
      ['payment', 'request-refund', { reservationId, seatNumbers: null, reason: null }],
      ['payment', 'list-payments', {}],
      ['wallet', 'charge-wallet', { amountKrw: 1_000 }],
      ['wallet', 'read-wallet', {}],
      ['queue', 'leave-waiting-room', { roomId: 'default' }],
      ['queue', 'read-pass-of', { roomId: 'default' }],
    ] as const;

  it.each(Object.entries(forgeries))('is refused with %s, and changes nothing', async (_, word) => {
    const before = await property();
    for (const [service, name, body] of wishes()) {
      const asked = { service, type: `${service}.${name}`, body: { ...body, userId: OWNER } };
      expect([name, await stranger.ask({ ...asked, actor: word() })]).toEqual([name, 'forbidden']);
    }
    expect(await property()).toEqual(before);
  });

  it('is refused with the word of a user where an organiser’s or operator’s is asked for', async () => {
    const actor = signedBy(signingKey, OWNER);
    const policy = { roomId: 'default', policy: { paused: true } };
    const asked = [
      { service: 'queue', type: 'queue.set-room-policy', body: policy },
      { service: 'concert', type: 'concert.create-concert', body: { name: 'Mine' } },
      { service: 'wallet', type: 'wallet.open-accounts', body: { count: 10 } },
      { service: 'payment', type: 'payment.list-sagas', body: {} },
    ];
    for (const one of asked) expect(await stranger.ask({ ...one, actor })).toBe('forbidden');
  });

  it('learns nothing of the answer to a request whose id it knows', async () => {
    const id = randomUUID();
    const type = 'wallet.charge-wallet';
    const charge = (userId: number, actor: string) =>
      stranger.ask({ service: 'wallet', type, body: { userId, amountKrw: 1_000 }, actor, id });
    expect(await charge(OWNER, signedBy(signingKey, OWNER))).toBe('outcome');
    const { balanceKrw } = must(await owner.wallet(), 200).body;
    expect(await charge(MALLORY, signedBy(signingKey, MALLORY))).toBe('key-reused');
    expect(must(await owner.wallet(), 200).body.balanceKrw).toBe(balanceKrw);
  });

  it('is handled with the word of the owner: nothing else was wrong with the others', async () => {
    const actor = signedBy(signingKey, OWNER);
    for (const [service, name, body] of wishes()) {
      const asked = { service, type: `${service}.${name}`, body: { ...body, userId: OWNER } };
      expect([name, await stranger.ask({ ...asked, actor })]).toEqual([name, 'outcome']);
    }
    expect(await whole.books.violations()).toEqual([]);
  });
});
