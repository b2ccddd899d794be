import { accepted, query, request, type Contract } from '@encore/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testBroker } from '@encore/testing';
import { Controller } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Actor, ActorVerifier } from './actor.js';
import { Answers, Handles } from './decorators.js';
import { ForbiddenActorError, KeyReusedError } from './errors.js';
import type { Received } from './handling.js';
import { openGround, openStation, type Ground, type Station } from './station.fixture.js';

const shape = {
  summary: 'For tests.',
  payload: z.object({ userId: z.int().nullable() }),
  reply: z.object({ by: z.int().nullable() }),
  refusals: [],
} as const;
const Change = request('wallet', 'Change', shape);
const ChangeForGuest = request('wallet', 'ChangeForGuest', { ...shape, actor: 'owner-or-guest' });
const Organise = request('wallet', 'Organise', { ...shape, actor: 'organiser' });
const Look = query('wallet', 'LookAt', shape);
const LookIdentified = query('wallet', 'LookIdentified', { ...shape, actor: 'identified' });
const LookAnyone = query('wallet', 'LookAnyone', { ...shape, actor: 'anyone' });

/** Believes what begins with "proof:": what a real proof is made of is not the transport's. */
const verifier: ActorVerifier = {
  verify(assertion, carrier) {
    const isVouchedFor = carrier?.voucher === wordFor(carrier?.content);
    if (assertion.startsWith('proof:')) return JSON.parse(assertion.slice(6)) as Actor;
    if (!assertion.startsWith('claim:') || !isVouchedFor) return undefined;
    return JSON.parse(assertion.slice(6)) as Actor;
  },
};
const wordFor = (content: Buffer | undefined) => `all ${content?.length ?? 0} bytes`;
const proof = (actor: Actor) => `proof:${JSON.stringify(actor)}`;
const seven = proof({ userId: 7, roles: [] });
const eight = proof({ userId: 8, roles: [] });
const nobody = proof({ userId: null, roles: [] });
const organiser = proof({ userId: 9, roles: ['organiser'] });
const operator = proof({ userId: 9, roles: ['operator'] });

/** Who each handler was told it is from. */
const heard: (Actor | undefined)[] = [];

function hear(messages: readonly { actor?: Actor | undefined }[]) {
  heard.push(...messages.map(({ actor }) => actor));
  return Promise.resolve(messages.map(({ actor }) => accepted({ by: actor?.userId ?? null })));
}

@Controller()
class Handlers {
  @Handles(Change)
  change(messages: Received<typeof Change>[]) {
    return hear(messages);
  }

  @Handles(ChangeForGuest)
  changeForGuest(messages: Received<typeof ChangeForGuest>[]) {
    return hear(messages);
  }

  @Handles(Organise)
  organise(messages: Received<typeof Organise>[]) {
    return hear(messages);
  }

  @Answers(Look)
  look(messages: Received<typeof Look>[]) {
    return hear(messages);
  }

  @Answers(LookIdentified)
  lookIdentified(messages: Received<typeof LookIdentified>[]) {
    return hear(messages);
  }

  @Answers(LookAnyone)
  lookAnyone(messages: Received<typeof LookAnyone>[]) {
    return hear(messages);
  }
}

describe('a message from a person', () => {
  let ground: Ground;
  let wallet: Station;
  let caller: Station;

  beforeAll(async () => {
    ground = await openGround();
    const { url, prefix } = ground.broker;
    wallet = await openStation({
      ...{ service: 'wallet', url, prefix, actors: verifier },
      database: ground.store.database,
      controllers: [Handlers],
    });
    const voucher = { vouch: wordFor };
    caller = await openStation({ service: 'api-gateway', url, prefix, voucher });
  });
  afterEach(() => {
    heard.length = 0;
  });
  afterAll(async () => {
    await caller.close();
    await wallet.close();
    await ground.close();
  });

  function ask(
    contract: Contract<'request' | 'query', typeof shape.payload>,
    userId: number | null,
    actor?: string,
    messageId: string = randomUUID(),
  ) {
    const options = { timeoutMs: 10_000, correlationId: randomUUID(), messageId };
    const proved = actor === undefined ? options : { ...options, actor };
    return caller.client.ask(contract, { userId }, proved);
  }

  it.each([
    ['its owner', Change, 7, seven, 7],
    ['its owner, who reads', Look, 7, seven, 7],
    ['the owner of a place', ChangeForGuest, 7, seven, 7],
    ['a guest without a name', ChangeForGuest, null, undefined, null],
    ['an organiser', Organise, 7, organiser, 9],
    ['anybody identified', LookIdentified, 7, eight, 8],
    ['anybody at all', LookAnyone, 7, undefined, null],
    ['anybody, however they prove it', LookAnyone, 7, 'forged', null],
  ] as const)('is handled when it is from %s', async (_who, contract, userId, actor, by) => {
    expect(await ask(contract, userId, actor)).toMatchObject({ ok: true, value: { by } });
    expect(heard).toHaveLength(1);
  });

  it.each([
    ['nobody', Change, 7, undefined],
    ['who proves nothing', Change, 7, 'forged'],
    ['another user', Change, 7, eight],
    ['another user, who reads', Look, 7, eight],
    ['an operator, who is no owner either', Change, 7, operator],
    ['a service that is no user', Change, 7, nobody],
    ['one that is no user, about nobody', Change, null, nobody],
    ['another user, about a place', ChangeForGuest, 7, eight],
    ['nobody, about a place of a user', ChangeForGuest, 7, undefined],
    ['its user without the role', Organise, 7, seven],
    ['somebody with another role', Organise, 7, operator],
    ['nobody identified', LookIdentified, 7, undefined],
  ] as const)('reaches no handler when it is from %s', async (_who, contract, userId, actor) => {
    const messageId = randomUUID();
    const asking = ask(contract, userId, actor, messageId);
    await expect(asking).rejects.toBeInstanceOf(ForbiddenActorError);
    expect(heard).toEqual([]);
    expect(await wallet.messaging.inbox.find([messageId])).toEqual([]);
  });

  it('that was refused costs the ones beside it nothing', async () => {
    const asked = [ask(Change, 7, seven), ask(Change, 7, eight), ask(Change, 8, eight)];
    const ends = await Promise.allSettled(asked);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(heard.map((actor) => actor?.userId).sort()).toEqual([7, 8]);
  });

  it('is believed in an envelope that is vouched for, and only there', async () => {
    const claim = (userId: number) => `claim:${JSON.stringify({ userId, roles: [] })}`;
    await expect(ask(Change, 7, claim(7))).rejects.toBeInstanceOf(ForbiddenActorError);
    // Asked in one breath, they share an envelope.
    const asked = [11, 12, 13].map((userId) => ask(Change, userId, claim(userId)));
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ ok: true });
    expect(heard.map((actor) => actor?.userId).sort()).toEqual([11, 12, 13]);
  });

  it('is answered again to its owner, and to nobody else who knows its id', async () => {
    const messageId = randomUUID();
    const first = await ask(Change, 7, seven, messageId);
    expect(await ask(Change, 7, seven, messageId)).toEqual({ ...first, replayed: true });
    await expect(ask(Change, 8, eight, messageId)).rejects.toBeInstanceOf(KeyReusedError);
    expect(heard).toHaveLength(1);
    expect(await wallet.messaging.inbox.find([messageId])).toMatchObject([{ actorId: 7 }]);
  });

  it('is refused by a process that was told nobody’s keys', async () => {
    const corner = testBroker();
    const { url, prefix } = corner;
    const keyless = await openStation({
      ...{ service: 'wallet', url, prefix },
      database: ground.store.database,
      controllers: [Handlers],
    });
    try {
      const options = { timeoutMs: 10_000, correlationId: 'test', actor: seven };
      const { client } = keyless;
      await expect(client.ask(Change, { userId: 7 }, options)).rejects.toThrow(ForbiddenActorError);
      expect(await client.ask(LookAnyone, { userId: 7 }, options)).toMatchObject({ ok: true });
    } finally {
      await keyless.close();
      await corner.cleanup();
    }
  });
});
