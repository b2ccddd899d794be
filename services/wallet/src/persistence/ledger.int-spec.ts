import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AnyContract,
  type ChargeWallet,
  type CreditRefund,
  type DebitWallet,
  type PayloadOf,
  type ReturnDebit,
} from '@encore/contracts';
import { type Transaction, violatedConstraint } from '@encore/database';
import type { Received } from '@encore/messaging';
import { testDatabase, type TestDatabase } from '@encore/testing';
import fc from 'fast-check';
import { ContradictionError } from '../domain/wallet.js';
import { walletMigrations } from '../migrations.js';
import { ChargeWalletHandler } from '../use-cases/charge-wallet.js';
import { CreditRefundHandler } from '../use-cases/credit-refund.js';
import { DebitWalletHandler } from '../use-cases/debit-wallet.js';
import { ReturnDebitHandler } from '../use-cases/return-debit.js';
import { AccountsRepository } from './accounts.repository.js';
import { LedgerRepository } from './ledger.repository.js';

const LIMITS = {
  chargeMinKrw: 1,
  chargeMaxKrw: 1_000_000,
  walletCapKrw: 10_000_000,
  chargeDailyCapKrw: 10_000_000,
};

let test: TestDatabase;
let accounts: AccountsRepository;
const ledger = new LedgerRepository('Asia/Seoul');
const charges = new ChargeWalletHandler(ledger, LIMITS);
const debits = new DebitWalletHandler(ledger);
const returns = new ReturnDebitHandler(ledger);
const refunds = new CreditRefundHandler(ledger);

function received<C extends AnyContract>(payload: PayloadOf<C>): Received<C> {
  const id = randomUUID();
  return { id, payload, correlationId: id, sentAt: new Date(), attempt: 1 };
}

/** Runs a handler as the transport does: the whole batch in one transaction. */
function inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  return test.database.transaction(work);
}
const context = (tx: Transaction) => ({ tx, beforeAck: () => undefined });

function charge(...payloads: PayloadOf<typeof ChargeWallet>[]) {
  const batch = payloads.map((payload) => received<typeof ChargeWallet>(payload));
  return inTransaction((tx) => charges.charge(batch, context(tx)));
}
function debit(...payloads: PayloadOf<typeof DebitWallet>[]) {
  const batch = payloads.map((payload) => received<typeof DebitWallet>(payload));
  return inTransaction((tx) => debits.debit(batch, context(tx)));
}
function giveBack(...payloads: PayloadOf<typeof ReturnDebit>[]) {
  const batch = payloads.map((payload) => received<typeof ReturnDebit>(payload));
  return inTransaction((tx) => returns.giveBack(batch, context(tx)));
}
function refund(...payloads: PayloadOf<typeof CreditRefund>[]) {
  const batch = payloads.map((payload) => received<typeof CreditRefund>(payload));
  return inTransaction((tx) => refunds.credit(batch, context(tx)));
}

async function openUsers(count: number, eachKrw: number): Promise<number[]> {
  const userIds = await inTransaction((tx) => accounts.open(tx, count));
  if (eachKrw > 0) await charge(...userIds.map((userId) => ({ userId, amountKrw: eachKrw })));
  return userIds;
}
async function openUser(krw: number): Promise<number> {
  const [userId] = await openUsers(1, krw);
  if (userId === undefined) throw new Error('no account was opened');
  return userId;
}
async function balanceOf(userId: number): Promise<number | undefined> {
  return (await accounts.balances([userId])).get(userId);
}

let lastPaymentId = 0;
const nextPaymentId = () => (lastPaymentId += 1);

async function query<Row extends object>(sql: string): Promise<Row[]> {
  return test.database.run<Row>(test.database.sql.raw(sql));
}

beforeAll(async () => {
  test = await testDatabase({ service: 'wallet', migrations: walletMigrations });
  accounts = new AccountsRepository(test.database);
});

afterAll(async () => {
  const [row] = await query<{ sum: string }>(
    'select coalesce(sum(signed_amount_krw), 0) as sum from ledger_entries',
  );
  const astray = await query(
    `select user_id from accounts left join account_balances on account = user_id
      where accounts.balance_krw <> coalesce(account_balances.balance_krw, 0)`,
  );
  await test.drop();
  // Whatever the tests above did: the books balance.
  expect(row?.sum).toBe('0');
  expect(astray).toEqual([]);
});

describe('a batch', () => {
  it('decides several commands of one user one after the other', async () => {
    const userId = await openUser(10_000);
    const bystander = await openUser(10_000);
    const outcomes = await debit(
      { userId, paymentId: nextPaymentId(), amountKrw: 6_000 },
      { userId, paymentId: nextPaymentId(), amountKrw: 6_000 },
      { userId, paymentId: nextPaymentId(), amountKrw: 4_000 },
    );
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
    expect(await balanceOf(userId)).toBe(0);
    expect(await balanceOf(bystander)).toBe(10_000);
  });

  it('with a payment in it twice debits it once', async () => {
    const userId = await openUser(10_000);
    const payload = { userId, paymentId: nextPaymentId(), amountKrw: 1_000 };
    const [first, second] = await debit(payload, payload);
    expect(second).toEqual(first);
    expect(await balanceOf(userId)).toBe(9_000);
  });

  it('with a contradiction in it changes nothing at all', async () => {
    const userId = await openUser(10_000);
    const paymentId = nextPaymentId();
    await debit({ userId, paymentId, amountKrw: 1_000 });
    const attempt = debit(
      { userId, paymentId: nextPaymentId(), amountKrw: 1_000 },
      { userId, paymentId, amountKrw: 2_000 },
    );
    await expect(attempt).rejects.toThrow(ContradictionError);
    expect(await balanceOf(userId)).toBe(9_000);
  });

  it('has the same outcomes and balances as its commands one by one', async () => {
    const command = fc.record({ user: fc.nat(2), amountKrw: fc.integer({ min: 1, max: 400 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 6 }),
        async (commands, repeated) => {
          const all = [...commands, ...repeated.map((index) => commands[index % commands.length])];
          const run = async (batchSize: number) => {
            const users = await openUsers(3, 1_000);
            const payments = new Map(commands.map((one) => [one, nextPaymentId()]));
            const payloads = all.flatMap((one) => {
              if (one === undefined) return [];
              const { user, amountKrw } = one;
              return { userId: users[user] ?? 0, paymentId: payments.get(one) ?? 0, amountKrw };
            });
            const outcomes = [];
            for (let at = 0; at < payloads.length; at += batchSize) {
              outcomes.push(...(await debit(...payloads.slice(at, at + batchSize))));
            }
            const balances = await accounts.balances(users);
            return {
              outcomes: outcomes.map((outcome) =>
                outcome.ok ? outcome.value.balanceKrw : outcome.refusal,
              ),
              balances: users.map((userId) => balances.get(userId)),
            };
          };
          expect(await run(all.length)).toEqual(await run(1));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('racing transactions', () => {
  it('never take more than there is', async () => {
    const userId = await openUser(10_000);
    const attempts = Array.from({ length: 30 }, () =>
      debit({ userId, paymentId: nextPaymentId(), amountKrw: 1_000 }),
    );
    const outcomes = (await Promise.all(attempts)).flat();
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(10);
    expect(await balanceOf(userId)).toBe(0);
  });

  it('of a debit and its return end in one of two ways, both without a loss', async () => {
    const userId = await openUser(1_000_000);
    const races = Array.from({ length: 40 }, async () => {
      const paymentId = nextPaymentId();
      const [[taken], [returned]] = await Promise.all([
        debit({ userId, paymentId, amountKrw: 1_000 }),
        giveBack({ userId, paymentId }),
      ]);
      const withdrawn = taken?.ok === false && taken.refusal === 'WALLET_DEBIT_WITHDRAWN';
      expect(returned).toEqual({ ok: true, value: { returnedKrw: withdrawn ? 0 : 1_000 } });
    });
    await Promise.all(races);
    expect(await balanceOf(userId)).toBe(1_000_000);
  });

  it('of batches with the same users in opposite order all get through', async () => {
    const users = await openUsers(10, 100_000);
    const batch = (order: number[]) =>
      debit(...order.map((userId) => ({ userId, paymentId: nextPaymentId(), amountKrw: 10 })));
    const reversed = [...users].reverse();
    await Promise.all(Array.from({ length: 20 }, (_, i) => batch(i % 2 ? users : reversed)));
    const balances = await accounts.balances(users);
    expect([...balances.values()]).toEqual(users.map(() => 99_800));
  });

  it('of account openers leave neither gap nor overlap', async () => {
    const highest = Math.max(...(await openUsers(1, 0)));
    const opened = await Promise.all([3, 5, 2, 7].map((count) => openUsers(count, 0)));
    const ids = opened.flat().sort((one, other) => one - other);
    expect(ids).toEqual(Array.from({ length: 17 }, (_, index) => highest + 1 + index));
  });
});

describe('the tables themselves', () => {
  const violationOf = async (sql: string) =>
    violatedConstraint(await query(sql).catch((thrown: unknown) => thrown));

  it('refuse a balance below zero', async () => {
    const userId = await openUser(10);
    expect(
      await violationOf(`update accounts set balance_krw = -1 where user_id = ${userId}`),
    ).toBe('balance_is_never_negative');
  });

  it('refuse to move money twice for one cause', async () => {
    const userId = await openUser(10_000);
    const paymentId = nextPaymentId();
    await debit({ userId, paymentId, amountKrw: 1_000 });
    expect(
      await violationOf(
        `insert into movements (kind, cause, payment_id, user_id, debit_account, credit_account,
                                amount_krw, balance_after_krw)
         select kind, cause, payment_id, user_id, debit_account, credit_account, 5, 5
           from movements where cause = '${paymentId}'`,
      ),
    ).toBe('cause_moves_money_once');
  });

  it('refuse a payment that does not go from its user to sales', async () => {
    const userId = await openUser(10_000);
    expect(
      await violationOf(
        `insert into movements (kind, cause, payment_id, user_id, debit_account, credit_account,
                                amount_krw, balance_after_krw)
         values ('PAYMENT', '999999', 999999, ${userId}, -2, ${userId}, 5, 5)`,
      ),
    ).toBe('movement_is_of_a_known_kind');
  });

  it('never let a movement be changed or removed', async () => {
    await openUser(10_000);
    await expect(query('update movements set amount_krw = 1')).rejects.toThrow('are final');
    await expect(query('delete from movements')).rejects.toThrow('are final');
  });
});

describe('the ledger', () => {
  it('knows cash-in, sales and users as accounts whose sum is zero', async () => {
    const before = await accountsOfNobody();
    const userId = await openUser(10_000);
    const paymentId = nextPaymentId();
    await debit({ userId, paymentId, amountKrw: 4_000 });
    await refund({ userId, paymentId, refundId: paymentId, amountKrw: 1_500 });
    expect(await balanceOf(userId)).toBe(7_500);
    const after = await accountsOfNobody();
    expect(after.cashIn - before.cashIn).toBe(-10_000);
    expect(after.sales - before.sales).toBe(2_500);
  });

  async function accountsOfNobody(): Promise<{ cashIn: number; sales: number }> {
    const rows = await query<{ account: number; balance_krw: number }>(
      'select account, balance_krw from account_balances where account < 0',
    );
    const of = (account: number) => rows.find((row) => row.account === account)?.balance_krw ?? 0;
    return { cashIn: of(-1), sales: of(-2) };
  }
});
