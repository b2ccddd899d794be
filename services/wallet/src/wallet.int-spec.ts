import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ChargeWallet,
  CreditRefund,
  DebitWallet,
  ListWalletEntries,
  OpenAccounts,
  PINGS,
  ReadUser,
  ReadWallet,
  ReturnDebit,
  type WalletEntry,
} from '@encore/contracts';
import { bootService, eventually, type BootedService } from '@encore/testing';
import { walletMigrations } from './migrations.js';
import { WalletModule } from './wallet.module.js';

const LIMITS = {
  CHARGE_MIN_KRW: 10,
  CHARGE_MAX_KRW: 100_000,
  WALLET_CAP_KRW: 150_000,
  CHARGE_DAILY_CAP_KRW: 200_000,
  LOCAL_TIME_ZONE: 'Asia/Seoul',
};

let wallet: BootedService;

async function openUser(krw: number): Promise<number> {
  const opened = await wallet.ask(OpenAccounts, { count: 1 });
  const userId = opened.ok ? opened.value.userIds[0] : undefined;
  if (userId === undefined) throw new Error('no account was opened');
  if (krw > 0) expect((await wallet.ask(ChargeWallet, { userId, amountKrw: krw })).ok).toBe(true);
  return userId;
}

async function balanceOf(userId: number): Promise<number | undefined> {
  const answer = await wallet.ask(ReadWallet, { userId });
  return answer.ok ? answer.value.balanceKrw : undefined;
}

/** Reads a user's whole history, two entries a page. */
async function entriesFrom(userId: number, cursor?: string): Promise<WalletEntry[]> {
  const place = cursor === undefined ? {} : { cursor };
  const page = await wallet.ask(ListWalletEntries, { userId, limit: 2, ...place });
  if (!page.ok) throw new Error(page.refusal);
  const { items, nextCursor } = page.value;
  expect(items.length).toBeLessThanOrEqual(2);
  return nextCursor === null ? items : [...items, ...(await entriesFrom(userId, nextCursor))];
}

/** As if everything charged so far had been charged the day before. */
async function turnBackADay(userId: number): Promise<void> {
  const { database } = wallet;
  const back = database.sql.raw('charged_on - 1');
  await database.run(
    database.sql('accounts').where('user_id', userId).update({ charged_on: back }),
  );
}

async function chargedKrwOf(userId: number): Promise<number | undefined> {
  const { database } = wallet;
  const [row] = await database.run<{ charged_krw: number }>(
    database.sql('accounts').where('user_id', userId).select('charged_krw'),
  );
  return row?.charged_krw;
}

let lastPaymentId = 0;
const nextPaymentId = () => (lastPaymentId += 1);

beforeAll(async () => {
  wallet = await bootService({
    name: 'wallet',
    module: WalletModule.register(LIMITS),
    migrations: walletMigrations,
  });
});

afterAll(() => wallet.close());

it('answers a ping', async () => {
  expect((await wallet.ask(PINGS.wallet, {})).ok).toBe(true);
});

describe('accounts', () => {
  it('are opened empty, with ids that follow one another', async () => {
    const answer = await wallet.ask(OpenAccounts, { count: 3 });
    const userIds = answer.ok ? answer.value.userIds : [];
    const [first = 0] = userIds;
    expect(userIds).toEqual([first, first + 1, first + 2]);
    expect(await balanceOf(first + 2)).toBe(0);
    const asked = await wallet.ask(ReadUser, { userId: first }, { as: { userId: 1, roles: [] } });
    expect(asked).toEqual({ ok: true, value: { userId: first }, replayed: false });
  });

  it('that were never opened are refused by whatever asks for them', async () => {
    const userId = 9_007_199_254_740_991;
    const refusal = { ok: false, refusal: 'WALLET_USER_NOT_FOUND' };
    expect(await wallet.ask(ReadUser, { userId })).toMatchObject(refusal);
    expect(await wallet.ask(ReadWallet, { userId })).toMatchObject(refusal);
    expect(await wallet.ask(ListWalletEntries, { userId })).toMatchObject(refusal);
    expect(await wallet.ask(ChargeWallet, { userId, amountKrw: 10 })).toMatchObject(refusal);
    const paymentId = nextPaymentId();
    expect(await wallet.order(DebitWallet, { userId, paymentId, amountKrw: 10 })).toMatchObject(
      refusal,
    );
  });
});

describe('a charge', () => {
  it('repeated under the same id is answered as the first time and moves no money', async () => {
    const userId = await openUser(0);
    const messageId = randomUUID();
    const first = await wallet.ask(ChargeWallet, { userId, amountKrw: 500 }, { messageId });
    const second = await wallet.ask(ChargeWallet, { userId, amountKrw: 500 }, { messageId });
    expect(first).toMatchObject({ ok: true, replayed: false, value: { balanceKrw: 500 } });
    expect(second).toEqual({ ...first, replayed: true });
    expect(await balanceOf(userId)).toBe(500);
  });

  it('outside the limits is refused with the limits', async () => {
    const userId = await openUser(0);
    for (const amountKrw of [1, 9, 100_001, Number.MAX_SAFE_INTEGER]) {
      expect(await wallet.ask(ChargeWallet, { userId, amountKrw })).toMatchObject({
        refusal: 'WALLET_AMOUNT_OUT_OF_RANGE',
        detail: { minKrw: 10, maxKrw: 100_000 },
      });
    }
    expect(await balanceOf(userId)).toBe(0);
  });

  it('over the cap is refused, up to the cap it is not', async () => {
    const userId = await openUser(100_000);
    expect(await wallet.ask(ChargeWallet, { userId, amountKrw: 50_001 })).toMatchObject({
      refusal: 'WALLET_CAP_REACHED',
      detail: { balanceKrw: 100_000, capKrw: 150_000 },
    });
    expect((await wallet.ask(ChargeWallet, { userId, amountKrw: 50_000 })).ok).toBe(true);
    expect(await balanceOf(userId)).toBe(150_000);
  });

  it('over the cap of the day is refused until the day is over', async () => {
    const userId = await openUser(100_000);
    const bystander = await openUser(100_000);
    const payload = { userId, paymentId: nextPaymentId(), amountKrw: 90_000 };
    expect(await wallet.order(DebitWallet, payload)).toMatchObject({ ok: true });
    expect((await wallet.ask(ChargeWallet, { userId, amountKrw: 99_999 })).ok).toBe(true);
    expect(await wallet.ask(ChargeWallet, { userId, amountKrw: 10 })).toMatchObject({
      refusal: 'WALLET_DAILY_CAP_REACHED',
      detail: { chargedTodayKrw: 199_999, dailyCapKrw: 200_000 },
    });
    expect(await balanceOf(userId)).toBe(109_999);
    await turnBackADay(userId);
    expect((await wallet.ask(ChargeWallet, { userId, amountKrw: 10 })).ok).toBe(true);
    expect(await chargedKrwOf(userId)).toBe(10);
    expect(await chargedKrwOf(bystander)).toBe(100_000);
  });

  it('of many at once never passes the cap of the day', async () => {
    const userId = await openUser(0);
    const fill = async () => {
      await wallet.order(DebitWallet, { userId, paymentId: nextPaymentId(), amountKrw: 30_000 });
      return wallet.ask(ChargeWallet, { userId, amountKrw: 30_000 });
    };
    const outcomes = await Promise.all(Array.from({ length: 20 }, fill));
    expect(outcomes.filter(({ ok }) => ok).length).toBeGreaterThan(0);
    expect(await chargedKrwOf(userId)).toBeLessThanOrEqual(200_000);
  });

  it.each([0, -5, 1.5, '100', null])('of %p is no charge at all', async (amountKrw) => {
    const userId = await openUser(0);
    const payload = { userId, amountKrw: amountKrw as number };
    await expect(wallet.ask(ChargeWallet, payload)).rejects.toThrow('amountKrw');
    expect(await balanceOf(userId)).toBe(0);
  });
});

describe('a debit', () => {
  it('happens once, however often its command is delivered or sent again', async () => {
    const userId = await openUser(50_000);
    const payload = { userId, paymentId: nextPaymentId(), amountKrw: 10_000 };
    const id = randomUUID();
    const command = { id, contract: DebitWallet, payload, correlationId: 'test' };
    await Promise.all([1, 2, 3, 4].map(() => wallet.sender.send([command])));
    await eventually(() => {
      expect(wallet.replies.to(id)).toHaveLength(4);
    });
    for (const reply of wallet.replies.to(id)) {
      expect(reply.outcome).toEqual({ ok: true, value: { userId, balanceKrw: 40_000 } });
    }
    // Under another id too: the payment is the cause, not the message.
    expect(await wallet.order(DebitWallet, payload)).toMatchObject({ ok: true });
    expect(await balanceOf(userId)).toBe(40_000);
  });

  it('is remembered by a service that was restarted in between', async () => {
    const userId = await openUser(50_000);
    const payload = { userId, paymentId: nextPaymentId(), amountKrw: 10_000 };
    const id = randomUUID();
    const first = await wallet.order(DebitWallet, payload, { id });
    await wallet.restart();
    expect(await wallet.order(DebitWallet, payload, { id })).toEqual(first);
    expect(await balanceOf(userId)).toBe(40_000);
  });

  it('of more than there is is refused and changes nothing', async () => {
    const userId = await openUser(9_999);
    const payload = { userId, paymentId: nextPaymentId(), amountKrw: 10_000 };
    expect(await wallet.order(DebitWallet, payload)).toEqual({
      ok: false,
      refusal: 'WALLET_INSUFFICIENT_BALANCE',
      detail: { balanceKrw: 9_999, amountKrw: 10_000 },
    });
    expect(await balanceOf(userId)).toBe(9_999);
  });

  it('that comes after its return is refused', async () => {
    const userId = await openUser(50_000);
    const paymentId = nextPaymentId();
    expect(await wallet.order(ReturnDebit, { userId, paymentId })).toEqual({
      ok: true,
      value: { returnedKrw: 0 },
    });
    expect(await wallet.order(DebitWallet, { userId, paymentId, amountKrw: 1 })).toEqual({
      ok: false,
      refusal: 'WALLET_DEBIT_WITHDRAWN',
    });
    expect(await balanceOf(userId)).toBe(50_000);
  });

  it('of many at once never takes a wallet below zero', async () => {
    const userId = await openUser(50_000);
    const bystander = await openUser(50_000);
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, () =>
        wallet.order(DebitWallet, { userId, paymentId: nextPaymentId(), amountKrw: 3_000 }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(16);
    expect(await balanceOf(userId)).toBe(2_000);
    expect(await balanceOf(bystander)).toBe(50_000);
  });

  it('that contradicts an earlier one does not keep its neighbours from being handled', async () => {
    const userId = await openUser(50_000);
    const paymentId = nextPaymentId();
    await wallet.order(DebitWallet, { userId, paymentId, amountKrw: 1_000 });
    const poison = {
      id: randomUUID(),
      contract: DebitWallet,
      payload: { userId, paymentId, amountKrw: 2_000 },
      correlationId: 'test',
    };
    await wallet.sender.send([poison]);
    const neighbour = { userId, paymentId: nextPaymentId(), amountKrw: 5_000 };
    expect(await wallet.order(DebitWallet, neighbour)).toMatchObject({ ok: true });
    expect(await balanceOf(userId)).toBe(44_000);
    expect(wallet.replies.to(poison.id)).toEqual([]);
  });
});

describe('a user’s history', () => {
  it('lists every movement newest first with the balance after it, page by page', async () => {
    const userId = await openUser(50_000);
    const [paid, returned] = [nextPaymentId(), nextPaymentId()];
    await wallet.order(DebitWallet, { userId, paymentId: paid, amountKrw: 20_000 });
    await wallet.order(DebitWallet, { userId, paymentId: returned, amountKrw: 5_000 });
    await wallet.order(ReturnDebit, { userId, paymentId: returned });
    const refund = { userId, paymentId: paid, refundId: 31, amountKrw: 8_000 };
    await wallet.order(CreditRefund, refund);
    await wallet.order(CreditRefund, refund);

    const shown = (await entriesFrom(userId)).map(
      ({ kind, amountKrw, balanceAfterKrw, paymentId, refundId }) => {
        return [kind, amountKrw, balanceAfterKrw, paymentId, refundId];
      },
    );
    expect(shown).toEqual([
      ['REFUND', 8_000, 38_000, paid, 31],
      ['PAYMENT_RETURNED', 5_000, 30_000, returned, null],
      ['PAYMENT', -5_000, 25_000, returned, null],
      ['PAYMENT', -20_000, 30_000, paid, null],
      ['CHARGE', 50_000, 50_000, null, null],
    ]);
  });
});

it('keeps books whose sum is zero and whose entries add up to every balance', async () => {
  const { database } = wallet;
  const [total] = await database.run<{ movements: number; sum: string }>(
    database.sql.raw(
      `select count(*)::int as movements, sum(signed_amount_krw) as sum from ledger_entries`,
    ),
  );
  expect(total?.movements).toBeGreaterThan(20);
  expect(total?.sum).toBe('0');
  const astray = await database.run(
    database.sql.raw(
      `select user_id from accounts left join account_balances on account = user_id
        where accounts.balance_krw <> coalesce(account_balances.balance_krw, 0)`,
    ),
  );
  expect(astray).toEqual([]);
});
