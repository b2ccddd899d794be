import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { packEnvelopes } from './envelope.js';
import { VOUCHER_HEADER, Vouching } from './vouching.js';

function envelope(...actors: (string | undefined)[]) {
  const messages = actors.map((actor) => ({
    id: randomUUID(),
    type: 'wallet.change',
    body: {},
    headers: { correlationId: 'test', sentAt: 1, attempt: 1, ...(actor && { actor }) },
  }));
  const limits = { envelopeMaxMessages: 100, envelopeMaxBytes: 1_000_000 };
  const [packed] = packEnvelopes(messages, limits);
  if (packed === undefined) throw new Error('nothing was packed');
  return packed;
}

function vouching() {
  const vouched: Buffer[] = [];
  const signs = new Vouching({
    vouch: (content) => `voucher ${vouched.push(content)}`,
  });
  return { signs, vouched };
}

describe('an envelope is vouched for', () => {
  it('when it brings a service several people it has not heard of', () => {
    const { signs, vouched } = vouching();
    const packed = envelope('one', undefined, 'two');
    expect(signs.headersFor('wallet', packed)).toEqual({ [VOUCHER_HEADER]: 'voucher 1' });
    expect(vouched).toEqual([packed.content]);
  });

  it('not for one person, nor for messages from nobody', () => {
    const { signs } = vouching();
    expect(signs.headersFor('wallet', envelope('one', 'one', undefined))).toEqual({});
    expect(signs.headersFor('wallet', envelope(undefined, undefined))).toEqual({});
  });

  it('not for people the service has heard of before, as another has not', () => {
    const { signs } = vouching();
    signs.headersFor('wallet', envelope('one', 'two'));
    expect(signs.headersFor('wallet', envelope('two', 'one', 'three'))).toEqual({});
    expect(signs.headersFor('payment', envelope('one', 'two'))).toHaveProperty(VOUCHER_HEADER);
    expect(signs.headersFor('wallet', envelope('three', 'four', 'five'))).toHaveProperty(
      VOUCHER_HEADER,
    );
  });

  it('never by who has no key', () => {
    const keyless = new Vouching(undefined);
    expect(keyless.headersFor('wallet', envelope('one', 'two'))).toEqual({});
  });
});
