import { describe, expect, it } from '@jest/globals';
import type { WireMessage } from './envelope.js';
import { Underway } from './underway.js';

function request(id: string, type = 'payment.request-payment', replyTo?: string): WireMessage {
  const headers = { correlationId: `of ${id}`, sentAt: 0, attempt: 1 };
  return { id, type, body: {}, headers: replyTo === undefined ? headers : { ...headers, replyTo } };
}

describe('what is under way', () => {
  it('is counted by type, each once, until it ends', () => {
    const underway = new Underway();
    underway.begin([request('a'), request('b')]);
    underway.begin([request('b')]);
    underway.begin([request('c', 'payment.request-refund')]);
    expect(underway.countOf('payment.request-payment')).toBe(2);
    expect(underway.countOf('payment.request-refund')).toBe(1);
    underway.end(['a', 'unknown']);
    expect(underway.countOf('payment.request-payment')).toBe(1);
    expect(underway.countOf('wallet.charge-wallet')).toBe(0);
  });

  it('tells whenever some of it ended', () => {
    const underway = new Underway();
    let told = 0;
    underway.onEnd(() => (told += 1));
    underway.begin([request('a')]);
    expect(told).toBe(0);
    underway.end(['a']);
    expect(told).toBe(1);
  });

  it('knows who asked last until it ends', () => {
    const underway = new Underway();
    underway.begin([request('a', 'payment.request-payment', 'first'), request('b')]);
    underway.begin([request('a', 'payment.request-payment', 'second')]);
    const callers = underway.callersOf(['a', 'b', 'unknown']);
    expect([...callers.keys()]).toEqual(['a', 'b']);
    expect(callers.get('a')).toMatchObject({ replyTo: 'second', correlationId: 'of a' });
    expect(callers.get('b')).toBeUndefined();
    underway.end(['a', 'b']);
    expect(underway.callersOf(['a', 'b']).size).toBe(0);
  });
});
