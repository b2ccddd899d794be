import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  causeKey,
  ContradictionError,
  decideCharge,
  decideDebit,
  decideRefund,
  decideReturn,
  noChanges,
  type Movement,
  type WalletLimits,
  type Wallets,
} from './wallet.js';

const MINA = 1;
const NOBODY = 99;
const LIMITS: WalletLimits = {
  chargeMinKrw: 100,
  chargeMaxKrw: 5_000,
  walletCapKrw: 20_000,
  chargeDailyCapKrw: 6_000,
};

function walletsWith(balancesKrw: Record<number, number>): Wallets {
  const entries = Object.entries(balancesKrw).map(([id, krw]) => [Number(id), krw] as const);
  return {
    balancesKrw: new Map(entries),
    chargedTodayKrw: new Map(),
    movements: new Map(),
    refundedKrwByPayment: new Map(),
    withdrawnPayments: new Set(),
  };
}

const debit = { userId: MINA, paymentId: 7, amountKrw: 3_000 };
const undo = { userId: MINA, paymentId: 7 };
const refund = { userId: MINA, paymentId: 7, refundId: 70, amountKrw: 1_000 };
const charge = { userId: MINA, amountKrw: 500, requestId: 'request-1' };

describe('decideDebit', () => {
  it('takes the amount and says what is left', () => {
    const wallets = walletsWith({ [MINA]: 10_000, 2: 10_000 });
    const changes = noChanges();
    expect(decideDebit(wallets, debit, changes)).toEqual({
      ok: true,
      value: { userId: MINA, balanceKrw: 7_000 },
    });
    expect(changes.movements).toEqual([
      { ...debit, kind: 'PAYMENT', cause: '7', balanceAfterKrw: 7_000 },
    ]);
    expect(wallets.balancesKrw).toEqual(
      new Map([
        [MINA, 7_000],
        [2, 10_000],
      ]),
    );
  });

  it('takes the last won but not one more', () => {
    const exact = walletsWith({ [MINA]: 3_000 });
    expect(decideDebit(exact, debit, noChanges()).ok).toBe(true);
    const short = walletsWith({ [MINA]: 2_999 });
    expect(decideDebit(short, debit, noChanges())).toEqual({
      ok: false,
      refusal: 'WALLET_INSUFFICIENT_BALANCE',
      detail: { balanceKrw: 2_999, amountKrw: 3_000 },
    });
    expect(short.balancesKrw.get(MINA)).toBe(2_999);
  });

  it('answers a repeated debit as the first time, whatever happened since', () => {
    const wallets = walletsWith({ [MINA]: 10_000 });
    const first = decideDebit(wallets, debit, noChanges());
    decideDebit(wallets, { ...debit, paymentId: 8 }, noChanges());
    const changes = noChanges();
    expect(decideDebit(wallets, debit, changes)).toEqual(first);
    expect(changes).toEqual(noChanges());
  });

  it('refuses a user who does not exist', () => {
    const outcome = decideDebit(walletsWith({}), { ...debit, userId: NOBODY }, noChanges());
    expect(outcome).toEqual({ ok: false, refusal: 'WALLET_USER_NOT_FOUND' });
  });

  it('calls another amount or another user for the same payment a contradiction', () => {
    const wallets = walletsWith({ [MINA]: 10_000, 2: 10_000 });
    decideDebit(wallets, debit, noChanges());
    for (const other of [{ amountKrw: 2_999 }, { userId: 2 }]) {
      expect(() => decideDebit(wallets, { ...debit, ...other }, noChanges())).toThrow(
        ContradictionError,
      );
    }
  });
});

describe('decideReturn', () => {
  it('gives back what the debit took, once', () => {
    const wallets = walletsWith({ [MINA]: 10_000 });
    decideDebit(wallets, debit, noChanges());
    const again = [0, 1, 2].map(() => decideReturn(wallets, undo, noChanges()));
    expect(again).toEqual(Array(3).fill({ ok: true, value: { returnedKrw: 3_000 } }));
    expect(wallets.balancesKrw.get(MINA)).toBe(10_000);
  });

  it('succeeds when the debit never happened, and the debit that comes late is refused', () => {
    const wallets = walletsWith({ [MINA]: 10_000 });
    const changes = noChanges();
    expect(decideReturn(wallets, undo, changes)).toEqual({ ok: true, value: { returnedKrw: 0 } });
    expect(changes).toEqual({ movements: [], withdrawnPayments: [7] });
    expect(decideDebit(wallets, debit, changes)).toEqual({
      ok: false,
      refusal: 'WALLET_DEBIT_WITHDRAWN',
    });
    expect(wallets.balancesKrw.get(MINA)).toBe(10_000);
  });

  it('succeeds for a user who does not exist', () => {
    const outcome = decideReturn(walletsWith({}), { ...undo, userId: NOBODY }, noChanges());
    expect(outcome).toEqual({ ok: true, value: { returnedKrw: 0 } });
  });

  it('closes the payment for good: what was returned is not taken again', () => {
    const wallets = walletsWith({ [MINA]: 10_000 });
    decideDebit(wallets, debit, noChanges());
    decideReturn(wallets, undo, noChanges());
    expect(decideDebit(wallets, debit, noChanges()).ok).toBe(false);
  });

  it('does not pay a second time what was refunded', () => {
    const wallets = walletsWith({ [MINA]: 10_000 });
    decideDebit(wallets, debit, noChanges());
    decideRefund(wallets, refund, noChanges());
    expect(() => decideReturn(wallets, undo, noChanges())).toThrow(ContradictionError);
  });
});

describe('decideRefund', () => {
  it('gives back in parts, each once, and never more than was taken', () => {
    const wallets = walletsWith({ [MINA]: 3_000 });
    decideDebit(wallets, debit, noChanges());
    for (const refundId of [70, 70, 71, 71]) {
      expect(decideRefund(wallets, { ...refund, refundId }, noChanges()).ok).toBe(true);
    }
    expect(wallets.balancesKrw.get(MINA)).toBe(2_000);
    const tooMuch = { ...refund, refundId: 72, amountKrw: 1_001 };
    expect(() => decideRefund(wallets, tooMuch, noChanges())).toThrow(ContradictionError);
    expect(wallets.balancesKrw.get(MINA)).toBe(2_000);
  });

  it('refunds neither a payment that was never debited nor one that was returned', () => {
    const wallets = walletsWith({ [MINA]: 3_000 });
    expect(() => decideRefund(wallets, refund, noChanges())).toThrow(ContradictionError);
    decideDebit(wallets, debit, noChanges());
    decideReturn(wallets, undo, noChanges());
    expect(() => decideRefund(wallets, refund, noChanges())).toThrow(ContradictionError);
  });

  it('may lift a balance above the cap, because the money is its owner’s', () => {
    const wallets = walletsWith({ [MINA]: LIMITS.walletCapKrw });
    decideDebit(wallets, debit, noChanges());
    wallets.balancesKrw.set(MINA, LIMITS.walletCapKrw);
    expect(decideRefund(wallets, refund, noChanges())).toMatchObject({
      value: { balanceKrw: LIMITS.walletCapKrw + 1_000 },
    });
  });

  it('refuses a user who does not exist', () => {
    const outcome = decideRefund(walletsWith({}), { ...refund, userId: NOBODY }, noChanges());
    expect(outcome).toEqual({ ok: false, refusal: 'WALLET_USER_NOT_FOUND' });
  });
});

describe('decideCharge', () => {
  it('puts the amount in, once per request', () => {
    const wallets = walletsWith({ [MINA]: 1_000 });
    const first = decideCharge(wallets, charge, LIMITS, noChanges());
    expect(first).toMatchObject({ ok: true, value: { balanceAfterKrw: 1_500 } });
    expect(decideCharge(wallets, charge, LIMITS, noChanges())).toEqual(first);
    expect(wallets.balancesKrw.get(MINA)).toBe(1_500);
  });

  it.each([
    [99, false],
    [100, true],
    [5_000, true],
    [5_001, false],
  ])('of %d KRW within 100 to 5,000 is allowed: %s', (amountKrw, allowed) => {
    const wallets = walletsWith({ [MINA]: 0 });
    const outcome = decideCharge(wallets, { ...charge, amountKrw }, LIMITS, noChanges());
    expect(outcome.ok).toBe(allowed);
    expect(wallets.balancesKrw.get(MINA)).toBe(allowed ? amountKrw : 0);
  });

  it('fills a wallet to its cap and not above', () => {
    const wallets = walletsWith({ [MINA]: 19_500 });
    expect(decideCharge(wallets, charge, LIMITS, noChanges()).ok).toBe(true);
    const more = { ...charge, amountKrw: 100, requestId: 'request-2' };
    expect(decideCharge(wallets, more, LIMITS, noChanges())).toEqual({
      ok: false,
      refusal: 'WALLET_CAP_REACHED',
      detail: { balanceKrw: 20_000, capKrw: 20_000 },
    });
  });
});

describe('the charges of one day', () => {
  const charged = (wallets: Wallets, amountKrw: number, requestId: string) =>
    decideCharge(wallets, { ...charge, amountKrw, requestId }, LIMITS, noChanges());

  it('reach the daily cap and do not pass it, also within one batch', () => {
    const wallets = walletsWith({ [MINA]: 0 });
    expect(charged(wallets, 5_000, 'a').ok).toBe(true);
    expect(charged(wallets, 1_001, 'b')).toEqual({
      ok: false,
      refusal: 'WALLET_DAILY_CAP_REACHED',
      detail: { chargedTodayKrw: 5_000, dailyCapKrw: 6_000 },
    });
    expect(charged(wallets, 1_000, 'c').ok).toBe(true);
    expect(wallets.balancesKrw.get(MINA)).toBe(6_000);
  });

  it('count what was charged before the batch', () => {
    const wallets = walletsWith({ [MINA]: 0 });
    wallets.chargedTodayKrw.set(MINA, 5_900);
    expect(charged(wallets, 101, 'a').ok).toBe(false);
    expect(charged(wallets, 100, 'b').ok).toBe(true);
  });

  it('are not counted by what comes back or goes out, nor by a repeated request', () => {
    const wallets = walletsWith({ [MINA]: 0 });
    charged(wallets, 5_000, 'a');
    charged(wallets, 5_000, 'a');
    decideDebit(wallets, debit, noChanges());
    decideRefund(wallets, refund, noChanges());
    expect(wallets.chargedTodayKrw).toEqual(new Map([[MINA, 5_000]]));
  });
});

const someDebit = fc.record({
  userId: fc.constantFrom(1, 2, 3),
  paymentId: fc.integer({ min: 1, max: 1_000_000 }),
  amountKrw: fc.integer({ min: 1, max: 5_000 }),
});

describe('a sequence of decisions', () => {
  it('keeps every balance the sum of its movements and never below zero', () => {
    fc.assert(
      fc.property(
        fc.array(someDebit, { maxLength: 40 }),
        fc.array(fc.nat(39)),
        (debits, undone) => {
          const opening = { 1: 4_000, 2: 9_000, 3: 0 };
          const wallets = walletsWith(opening);
          const changes = noChanges();
          const byPayment = [...new Map(debits.map((one) => [one.paymentId, one])).values()];
          for (const command of byPayment) decideDebit(wallets, command, changes);
          for (const index of undone) {
            const command = byPayment[index];
            if (command !== undefined) decideReturn(wallets, command, changes);
          }
          for (const [userId, openingKrw] of Object.entries(opening)) {
            const own = changes.movements.filter((movement) => movement.userId === Number(userId));
            const sum = own.reduce((krw, movement) => krw + signedKrw(movement), openingKrw);
            expect(wallets.balancesKrw.get(Number(userId))).toBe(sum);
          }
          const causes = changes.movements.map(({ kind, cause }) => causeKey(kind, cause));
          expect(new Set(causes).size).toBe(causes.length);
          expect(changes.movements.every((movement) => movement.balanceAfterKrw >= 0)).toBe(true);
        },
      ),
    );
  });
});

function signedKrw(movement: Movement): number {
  return movement.kind === 'PAYMENT' ? -movement.amountKrw : movement.amountKrw;
}
