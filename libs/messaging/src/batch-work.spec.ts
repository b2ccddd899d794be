import { describe, expect, it } from '@jest/globals';
import { answerAgain, separateRepeated } from './batch-work.js';
import type { WireMessage } from './envelope.js';
import { InvalidMessageError } from './errors.js';
import type { Item } from './handler.js';
import type { KnownMessage } from './inbox.js';

const REPLY = { ok: true, value: { done: 'it' } } as const;
const known: KnownMessage = {
  messageId: 'a',
  messageType: 'wallet.do',
  fingerprint: 'f',
  reply: REPLY,
  replyTo: 'answers.1',
  correlationId: 'first',
  traceparent: null,
  actorId: null,
};

function asked(
  headers: Partial<WireMessage['headers']> = {},
  type = 'wallet.do',
  userId?: number,
): Pick<Item, 'message' | 'received'> {
  const given = {
    correlationId: 'first',
    sentAt: 1,
    attempt: 1,
    replyTo: 'answers.1',
    fingerprint: 'f',
  };
  const received = {
    ...{ id: 'a', payload: {}, correlationId: 'first', sentAt: new Date(1), attempt: 1 },
    ...(userId === undefined ? {} : { actor: { userId, roles: [] } }),
  };
  return { message: { id: 'a', type, body: {}, headers: { ...given, ...headers } }, received };
}

const request = { kind: 'request' } as const;
const command = { kind: 'command' } as const;

describe('a message that was handled before', () => {
  it('gets the stored reply, whoever asks', () => {
    const again = { kind: 'outcome', outcome: REPLY, replayed: true };
    expect(answerAgain(request, asked(), known)).toEqual(again);
    expect(answerAgain(request, asked({ correlationId: 'second' }), known)).toEqual(again);
    expect(answerAgain(command, asked(), known)).toEqual(again);
  });

  it('with another content hears that its key was used', () => {
    expect(answerAgain(request, asked({ fingerprint: 'other' }), known)).toEqual({
      kind: 'key-reused',
    });
    expect(answerAgain(request, asked({}, 'wallet.other'), known)).toEqual({ kind: 'key-reused' });
  });

  it('is compared by content only when both said what it was', () => {
    const silent = { ...known, fingerprint: null };
    expect(answerAgain(request, asked(), silent)).toMatchObject({ kind: 'outcome' });
  });

  it('is given again only to the user whose it was', () => {
    const ofSeven = { ...known, actorId: 7 };
    expect(answerAgain(request, asked({}, 'wallet.do', 7), ofSeven)).toMatchObject({
      kind: 'outcome',
    });
    expect(answerAgain(request, asked({}, 'wallet.do', 8), ofSeven)).toEqual({
      kind: 'key-reused',
    });
    expect(answerAgain(request, asked(), ofSeven)).toEqual({ kind: 'key-reused' });
  });

  it('is hopeless as a command of another type: a person must look', () => {
    expect(() => answerAgain(command, asked({}, 'wallet.other'), known)).toThrow(
      InvalidMessageError,
    );
  });

  it('whose answer is deferred gets it later, when the same caller asked', () => {
    expect(answerAgain(request, asked(), { ...known, reply: null })).toBeUndefined();
  });

  it('whose answer is deferred is in progress to any other caller', () => {
    const deferred = { ...known, reply: null };
    const answers = [
      answerAgain(request, asked({ correlationId: 'second' }), deferred),
      answerAgain(request, asked({ replyTo: 'answers.2' }), deferred),
    ];
    expect(answers).toEqual([{ kind: 'in-progress' }, { kind: 'in-progress' }]);
  });
});

describe('separating repeated messages', () => {
  it('keeps the first of each and the order', () => {
    const items = ['a', 'b', 'a', 'c', 'b', 'a'].map((id, place) => ({ message: { id }, place }));
    const { first, again } = separateRepeated(items as unknown as Item[]);
    expect(first).toEqual([items[0], items[1], items[3]]);
    expect(again).toEqual([items[2], items[4], items[5]]);
  });
});
