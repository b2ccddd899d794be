import { describe, expect, it } from '@jest/globals';
import { packEnvelopes, unpackEnvelope, MESSAGE_MAX_BYTES, type WireMessage } from './envelope.js';
import { InvalidMessageError } from './errors.js';
import { messageIdOf } from './message-id.js';

const LIMITS = { envelopeMaxMessages: 3, envelopeMaxBytes: 10_000 };

function message(number: number, body: unknown = { number }): WireMessage {
  return {
    id: messageIdOf('test', String(number)),
    type: 'wallet.do',
    body,
    headers: { correlationId: 'test', sentAt: 1, attempt: 1 },
  };
}

function numbersIn(content: Buffer): unknown[] {
  return unpackEnvelope(content).map(({ body }) => body);
}

describe('packing', () => {
  it('keeps every message and their order, split by count', () => {
    const packed = packEnvelopes(
      [1, 2, 3, 4, 5, 6, 7].map((number) => message(number)),
      LIMITS,
    );
    expect(packed.map(({ messages }) => messages.length)).toEqual([3, 3, 1]);
    expect(packed.flatMap(({ content }) => numbersIn(content))).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((number) => ({ number })),
    );
  });

  it('splits by bytes, and lets a message that is larger travel alone', () => {
    const large = message(2, 'x'.repeat(20_000));
    const packed = packEnvelopes([message(1), large, message(3)], LIMITS);
    expect(packed.map(({ messages }) => messages.length)).toEqual([1, 1, 1]);
    expect(unpackEnvelope(packed[1]?.content ?? Buffer.alloc(0))).toEqual([large]);
  });

  it('counts bytes and not characters', () => {
    const wide = [message(1, '석'.repeat(2_000)), message(2, '석'.repeat(2_000))];
    expect(packEnvelopes(wide, LIMITS)).toHaveLength(2);
  });

  it('refuses a message beyond the largest size', () => {
    const huge = message(1, 'x'.repeat(MESSAGE_MAX_BYTES));
    expect(() => packEnvelopes([huge], LIMITS)).toThrow(InvalidMessageError);
  });

  it('sets aside what is too large when told how, and packs its neighbours', () => {
    const huge = message(2, 'x'.repeat(MESSAGE_MAX_BYTES));
    const aside: WireMessage[] = [];
    const packed = packEnvelopes([message(1), huge, message(3)], LIMITS, (large) => {
      aside.push(large);
    });
    expect(aside).toEqual([huge]);
    expect(packed.flatMap(({ messages }) => messages)).toEqual([message(1), message(3)]);
  });

  it('makes nothing of nothing', () => {
    expect(packEnvelopes([], LIMITS)).toEqual([]);
  });
});

describe('unpacking', () => {
  const good = message(1);
  const envelopeOf = (...messages: unknown[]) => JSON.stringify({ v: 1, messages });

  it('gives back what was packed, headers that are absent stay absent', () => {
    const full: WireMessage = {
      ...good,
      headers: {
        ...good.headers,
        causationId: 'cause',
        traceparent: '00-1-2-01',
        deadline: 5,
        replyTo: 'answers',
        fingerprint: 'f',
        firstFailedAt: 2,
      },
    };
    const [packed] = packEnvelopes([good, full], LIMITS);
    expect(unpackEnvelope(packed?.content ?? Buffer.alloc(0))).toEqual([good, full]);
  });

  it('tolerates fields a newer version has added', () => {
    const newer = { ...good, priority: 1, headers: { ...good.headers, tenant: 'x' } };
    expect(unpackEnvelope(Buffer.from(envelopeOf(newer)))).toMatchObject([good]);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"v":1,'],
    ['null', 'null'],
    ['an array', '[]'],
    ['another version', JSON.stringify({ v: 2, messages: [good] })],
    ['no messages', JSON.stringify({ v: 1 })],
    ['an empty envelope', envelopeOf()],
    ['a message that is a number', envelopeOf(1)],
    ['an id that is no uuid', envelopeOf({ ...good, id: 'one' })],
    ['an id in upper case', envelopeOf({ ...good, id: good.id.toUpperCase() })],
    ['no type', envelopeOf({ ...good, type: '' })],
    ['no headers', envelopeOf({ ...good, headers: undefined })],
    ['no correlation', envelopeOf({ ...good, headers: { sentAt: 1, attempt: 1 } })],
    ['a fractional attempt', envelopeOf({ ...good, headers: { ...good.headers, attempt: 1.5 } })],
    [
      'a deadline in words',
      envelopeOf({ ...good, headers: { ...good.headers, deadline: 'soon' } }),
    ],
    [
      'a queue for answers no broker can name',
      envelopeOf({ ...good, headers: { ...good.headers, replyTo: '좌'.repeat(86) } }),
    ],
    ['one bad message among good ones', envelopeOf(good, { ...good, id: 7 })],
  ])('refuses %s', (_what, text) => {
    expect(() => unpackEnvelope(Buffer.from(text))).toThrow(InvalidMessageError);
  });
});
