import { eventually } from '@encore/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { InProgressError } from './errors.js';
import { handlersOn, Stage } from './handlers.fixture.js';
import {
  effects,
  Later,
  openGround,
  openStation,
  type Ground,
  type Station,
} from './station.fixture.js';

let ground: Ground;
let wallet: Station;
let caller: Station;

beforeAll(async () => {
  ground = await openGround();
});

afterAll(async () => {
  await ground.close();
});

beforeEach(async () => {
  const { broker, store } = ground;
  const { database } = store;
  await database.run(database.sql('effects').delete());
  const controllers = [handlersOn(new Stage(database))];
  wallet = await openStation({ service: 'wallet', ...broker, database, controllers });
  caller = await openStation({ service: 'api-gateway', ...broker });
});

afterEach(async () => {
  await caller.close();
  await wallet.close();
});

const done = () => effects(ground.store.database);

function ask(messageId: string, correlationId: string = randomUUID()) {
  const given = { timeoutMs: 30_000, correlationId, messageId };
  return caller.client.ask(Later, { what: 'wait' }, given);
}

/** A question whose handler has deferred it: what is not committed yet cannot be settled. */
async function deferred() {
  const messageId = randomUUID();
  const answer = ask(messageId);
  await eventually(async () =>
    expect(await wallet.messaging.inbox.find([messageId])).toHaveLength(1),
  );
  return { messageId, answer };
}

describe('a deferred request', () => {
  const outcome = { ok: true, value: { done: 'at last' } } as const;

  const settle = (requestId: string) =>
    ground.store.database.transaction(async (tx) =>
      wallet.messaging.deferredAnswers.settle(tx, [{ requestId, outcome }]),
    );

  it('is answered when it is settled, and from then on at once', async () => {
    const { messageId, answer } = await deferred();
    await expect(ask(messageId)).rejects.toThrow(InProgressError);
    const publish = await settle(messageId);
    await publish();
    await expect(answer).resolves.toEqual({ ...outcome, replayed: false });
    await expect(ask(messageId)).resolves.toEqual({ ...outcome, replayed: true });
    expect(await done()).toEqual(['wait']);
  });

  it('keeps its first answer, whatever is said later', async () => {
    const { messageId, answer } = await deferred();
    const publish = await settle(messageId);
    await publish();
    await answer;
    const other = { ok: false, refusal: 'WALLET_NOT_WILLING' } as const;
    await ground.store.database.transaction(async (tx) =>
      wallet.messaging.deferredAnswers.settle(tx, [{ requestId: messageId, outcome: other }]),
    );
    await expect(ask(messageId)).resolves.toMatchObject(outcome);
  });

  it('whose answer was committed but never published can be told again', async () => {
    const { messageId, answer } = await deferred();
    await settle(messageId);
    await wallet.messaging.deferredAnswers.resend([messageId]);
    await expect(answer).resolves.toEqual({ ...outcome, replayed: false });
  });

  it('shows the same question asked twice by one caller the one answer', async () => {
    const messageId = randomUUID();
    const answers = [ask(messageId, 'same'), ask(messageId, 'same')];
    await eventually(async () =>
      expect(await wallet.messaging.inbox.find([messageId])).toHaveLength(1),
    );
    const publish = await settle(messageId);
    await publish();
    expect(await Promise.all(answers)).toEqual([
      { ...outcome, replayed: false },
      { ...outcome, replayed: false },
    ]);
  });
});

describe('a deferred request whose answer its service can recall', () => {
  const outcome = { ok: true, value: { done: 'told' } } as const;
  const told = new Map<string, typeof outcome>();

  const tell = (from: Station, requestId: string) =>
    ground.store.database.transaction(async (tx) => {
      told.set(requestId, outcome);
      return from.messaging.deferredAnswers.tell(tx, [{ requestId, outcome }]);
    });

  beforeEach(() => {
    wallet.messaging.deferredAnswers.recallWith(
      Later,
      async (_queryable, ids) => new Map([...told].filter(([id]) => ids.includes(id))),
    );
  });

  it('is answered without storing it, and from then on by asking the service', async () => {
    const { messageId, answer } = await deferred();
    const publish = await tell(wallet, messageId);
    await publish();
    await expect(answer).resolves.toEqual({ ...outcome, replayed: false });
    const { database } = ground.store;
    const stored = database.sql('inbox').select('reply').where({ message_id: messageId });
    expect(await database.run(stored)).toEqual([{ reply: null }]);
    await expect(ask(messageId)).resolves.toEqual({ ...outcome, replayed: true });
    expect(await done()).toEqual(['wait']);
  });

  it('is answered by a process that did not take it', async () => {
    const { messageId, answer } = await deferred();
    const { broker, store } = ground;
    const { database } = store;
    const other = await openStation({ service: 'wallet', ...broker, database });
    try {
      const publish = await tell(other, messageId);
      await publish();
      await expect(answer).resolves.toEqual({ ...outcome, replayed: false });
    } finally {
      await other.close();
    }
  });

  it('is told again when the answer was committed but never published', async () => {
    const { messageId, answer } = await deferred();
    await tell(wallet, messageId);
    await wallet.messaging.deferredAnswers.resend([messageId]);
    await expect(answer).resolves.toEqual({ ...outcome, replayed: false });
  });

  it('is in progress as long as there is nothing to recall', async () => {
    const { messageId, answer } = await deferred();
    await expect(ask(messageId)).rejects.toThrow(InProgressError);
    await wallet.messaging.deferredAnswers.resend([messageId]);
    const publish = await tell(wallet, messageId);
    await publish();
    await expect(answer).resolves.toEqual({ ...outcome, replayed: false });
  });
});
