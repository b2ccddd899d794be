import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { accepted, command, query, refused, request, wireNameOf } from './define.js';

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

describe('whose word a request needs', () => {
  const nothing = { summary: 'For tests.', reply: z.object({}), refusals: [] } as const;
  const ofUser = z.object({ userId: z.int() });
  const ofNobody = z.object({ amount: z.int() });

  it('is the owner’s when nothing is said and a user is named', () => {
    expect(request('wallet', 'Do', { ...nothing, payload: ofUser }).actor).toBe('owner');
    expect(query('wallet', 'Look', { ...nothing, payload: ofUser }).actor).toBe('owner');
  });

  it('has to be said when no user is named', () => {
    const forgotten = () => query('wallet', 'Look', { ...nothing, payload: ofNobody });
    expect(forgotten).toThrow('Look: whose word does it need?');
    const payload = ofNobody;
    expect(query('wallet', 'Look', { ...nothing, actor: 'operator', payload }).actor).toBe(
      'operator',
    );
  });

  it('cannot be an owner’s when no user is named', () => {
    const wrong = () => request('wallet', 'Do', { ...nothing, actor: 'owner', payload: ofNobody });
    expect(wrong).toThrow('Do has an owner, but its payload has no userId');
  });

  it('is nobody’s but a service’s for a command', () => {
    expect(command('wallet', 'Do', { ...nothing, payload: ofUser }).actor).toBe('service');
  });
});
