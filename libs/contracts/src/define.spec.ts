import { describe, expect, it } from '@jest/globals';
import { accepted, refused, wireNameOf } from './define.js';

describe('a wire name', () => {
  it('is the service and the name in kebab case', () => {
    expect(wireNameOf('wallet', 'DebitWallet', 1)).toBe('wallet.debit-wallet');
    expect(wireNameOf('queue', 'Ping', 1)).toBe('queue.ping');
  });

  it('tells versions apart from the second on', () => {
    expect(wireNameOf('wallet', 'DebitWallet', 2)).toBe('wallet.debit-wallet-v2');
  });
});

describe('an outcome', () => {
  it('is yes with a value or no with a code', () => {
    expect(accepted({ balanceKrw: 5 })).toEqual({ ok: true, value: { balanceKrw: 5 } });
    expect(refused('WALLET_CAP_REACHED')).toEqual({ ok: false, refusal: 'WALLET_CAP_REACHED' });
  });

  it('carries the detail of a no only when there is one', () => {
    expect(refused('RESERVATION_SEATS_TAKEN', { seatNumbers: [3] })).toEqual({
      ok: false,
      refusal: 'RESERVATION_SEATS_TAKEN',
      detail: { seatNumbers: [3] },
    });
    expect('detail' in refused('WALLET_CAP_REACHED')).toBe(false);
  });
});
