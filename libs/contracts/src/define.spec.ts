import { describe, expect, it } from '@jest/globals';
import { wireNameOf } from './define.js';

describe('the wire name', () => {
  it('is the service and the name in kebab case', () => {
    expect(wireNameOf('wallet', 'DebitWallet', 1)).toBe('wallet.debit-wallet');
  });
});
