import { Injectable } from '@nestjs/common';
import type { WalletEntry, WalletView } from '@encore/contracts';
import { Database, statement, type Transaction } from '@encore/database';

/** Makes openers queue up: each continues after the highest id there is, without gaps. */
const OPENING_LOCK_KEY = 1;

const lockOpening = statement('lock-opening', 'select pg_advisory_xact_lock($1)');

const openAccounts = statement(
  'open-accounts',
  `insert into accounts (user_id)
   select highest.user_id + offsets.number
     from (select coalesce(max(user_id), 0) as user_id from accounts) as highest,
          generate_series(1, $1::int) as offsets (number)
   returning user_id as "userId"`,
);

const readBalances = statement(
  'read-balances',
  `select user_id as "userId", balance_krw as "balanceKrw"
     from accounts
    where user_id = any($1::bigint[])`,
);

const listEntries = statement(
  'list-entries',
  `select entry_id as "entryId", kind,
          case kind when 'PAYMENT' then -amount_krw else amount_krw end as "amountKrw",
          balance_after_krw as "balanceAfterKrw", payment_id as "paymentId",
          case kind when 'REFUND' then cause::bigint end as "refundId", created_at as "createdAt"
     from movements
    where user_id = $1 and ($2::bigint is null or entry_id < $2)
    order by entry_id desc
    limit $3`,
);

type EntryRow = Omit<WalletEntry, 'createdAt'> & { createdAt: Date };

@Injectable()
export class AccountsRepository {
  constructor(private readonly database: Database) {}

  /** Opens empty accounts; their ids in ascending order, following the highest one there was. */
  async open(tx: Transaction, count: number): Promise<number[]> {
    await tx.query(lockOpening, [OPENING_LOCK_KEY]);
    const rows = await tx.query<{ userId: number }>(openAccounts, [count]);
    return rows.map((row) => row.userId).sort((one, other) => one - other);
  }

  /** Balances by user; users who do not exist are not in it. */
  async balances(userIds: readonly number[]): Promise<Map<number, number>> {
    const rows = await this.database.query<WalletView>(readBalances, [[...new Set(userIds)]]);
    return new Map(rows.map((row) => [row.userId, row.balanceKrw]));
  }

  /** A user's entries below the cursor, newest first, at most `limit`. */
  async entries(userId: number, cursor: string | null, limit: number): Promise<WalletEntry[]> {
    const rows = await this.database.query<EntryRow>(listEntries, [userId, cursor, limit]);
    return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  }
}
