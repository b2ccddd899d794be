import { describe, expect, it } from '@jest/globals';
import { Underway } from './underway.js';

describe('what is under way', () => {
  it('is counted by type, each once, until it ends', () => {
    const underway = new Underway();
    underway.begin('payment.request-payment', ['a', 'b']);
    underway.begin('payment.request-payment', ['b']);
    underway.begin('payment.request-refund', ['c']);
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
    underway.begin('payment.request-payment', ['a']);
    expect(told).toBe(0);
    underway.end(['a']);
    expect(told).toBe(1);
  });
});
