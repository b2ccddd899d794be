import { Injectable } from '@nestjs/common';
import { statement, type Transaction } from '@encore/database';
import {
  causeKey,
  type Changes,
  type Movement,
  type MovementKind,
  type Wallets,
} from '../domain/wallet.js';

/** What a batch is about: whose accounts to lock, and which causes may have moved money before. */
export interface Wanted {
  readonly userIds: readonly number[];
  readonly paymentIds?: readonly number[];
  readonly requestIds?: readonly string[];
}

export interface LoadedWallets extends Wallets {
  /** By `causeKey`, for every movement that has been saved. */
  readonly entryIds: Map<string, number>;
}

const lockAccounts = statement(
  'lock-accounts',
  // In key order, so that two batches never wait for each other crosswise.
  `select user_id as "userId", balance_krw as "balanceKrw",
          case when charged_on = (now() at time zone $2)::date then charged_krw else 0 end
            as "chargedTodayKrw"
     from accounts
    where user_id = any($1::bigint[])
    order by user_id
      for no key update`,
);

const loadCauses = statement(
  'load-causes',
  // A withdrawn payment comes as a row of its own kind: one round trip instead of two. Kind and
  // cause are joined one by one: as lists the planner might look for the kind alone, and read all.
  `select entry_id as "entryId", kind, cause, payment_id as "paymentId", user_id as "userId",
          amount_krw as "amountKrw", balance_after_krw as "balanceAfterKrw"
     from unnest($1::bigint[]::text[]) as asked (cause)
    cross join (values ('PAYMENT'), ('PAYMENT_RETURNED')) as kinds (kind)
     join movements using (kind, cause)
   union all
   select entry_id, kind, cause, payment_id, user_id, amount_krw, balance_after_krw
     from movements
    where kind = 'REFUND' and payment_id = any($1::bigint[])
   union all
   select entry_id, kind, cause, payment_id, user_id, amount_krw, balance_after_krw
     from unnest($2::text[]) as asked (cause)
     join movements using (cause)
    where kind = 'CHARGE'
   union all
   select 0, 'WITHDRAWN', payment_id::text, payment_id, 0, 0, 0
     from withdrawn_debits
    where payment_id = any($1::bigint[])`,
);

const saveChanges = statement(
  'save-changes',
  // Balances change by what moved, never to a value: whatever was decided, the balance remains the
  // sum of its entries and the table's own check has the last word.
  `with moved as (
     select *
       from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
       with ordinality
         as row (kind, cause, payment_id, user_id, amount_krw, balance_after_krw, position)
   ), balances as (
     update accounts
        set balance_krw = accounts.balance_krw + net.amount_krw,
            charged_krw = net.charged_krw + case
              when accounts.charged_on = today.date or net.charged_krw = 0
                then accounts.charged_krw else 0 end,
            charged_on = case
              when net.charged_krw = 0 then accounts.charged_on else today.date end
       from (select user_id,
                    sum(case kind when 'PAYMENT' then -amount_krw else amount_krw end)::bigint
                      as amount_krw,
                    coalesce(sum(amount_krw) filter (where kind = 'CHARGE'), 0)::bigint
                      as charged_krw
               from moved
              group by user_id) as net,
            (select (now() at time zone $8)::date as date) as today
      where accounts.user_id = net.user_id
   ), withdrawals as (
     insert into withdrawn_debits (payment_id)
     select unnest($7::bigint[])
         on conflict do nothing
   )
   insert into movements
     (kind, cause, payment_id, user_id, debit_account, credit_account, amount_krw, balance_after_krw)
   select kind, cause, payment_id, user_id,
          case kind when 'PAYMENT' then user_id when 'CHARGE' then -1 else -2 end,
          case kind when 'PAYMENT' then -2 else user_id end,
          amount_krw, balance_after_krw
     from moved
    order by position
   returning entry_id as "entryId", kind, cause`,
);

interface AccountRow {
  userId: number;
  balanceKrw: number;
  chargedTodayKrw: number;
}
type CauseRow = Omit<Movement, 'kind'> & { kind: MovementKind | 'WITHDRAWN'; entryId: number };
interface EntryRow {
  entryId: number;
  kind: MovementKind;
  cause: string;
}

@Injectable()
export class LedgerRepository {
  /** The day of a charge is the one of this time zone. */
  constructor(private readonly timeZone: string) {}

  /**
   * Locks the accounts and reads what the causes have done so far. One trip, but two statements on
   * purpose: the second one sees what was committed while the first waited, which one statement
   * would not.
   */
  async load(tx: Transaction, wanted: Wanted): Promise<LoadedWallets> {
    const [accounts, causes] = await Promise.all([
      tx.query<AccountRow>(lockAccounts, [[...new Set(wanted.userIds)], this.timeZone]),
      tx.query<CauseRow>(loadCauses, [wanted.paymentIds ?? [], wanted.requestIds ?? []]),
    ]);
    const wallets: LoadedWallets = {
      balancesKrw: new Map(accounts.map((account) => [account.userId, account.balanceKrw])),
      chargedTodayKrw: new Map(
        accounts.map(({ userId, chargedTodayKrw }) => [userId, chargedTodayKrw]),
      ),
      movements: new Map(),
      refundedKrwByPayment: new Map(),
      withdrawnPayments: new Set(),
      entryIds: new Map(),
    };
    for (const cause of causes) remember(wallets, cause);
    return wallets;
  }

  /** Writes the whole batch in one statement. */
  save(tx: Transaction, changes: Changes): void {
    if (hasChanges(changes)) tx.write(saveChanges, this.rowsOf(changes));
  }

  /** As `save`, and learns the ids of the new entries. */
  async saveAndNumber(tx: Transaction, wallets: LoadedWallets, changes: Changes): Promise<void> {
    if (!hasChanges(changes)) return;
    const entries = await tx.query<EntryRow>(saveChanges, this.rowsOf(changes));
    for (const { kind, cause, entryId } of entries) {
      wallets.entryIds.set(causeKey(kind, cause), entryId);
    }
  }

  private rowsOf({ movements, withdrawnPayments }: Changes): unknown[] {
    return [
      movements.map((movement) => movement.kind),
      movements.map((movement) => movement.cause),
      movements.map((movement) => movement.paymentId),
      movements.map((movement) => movement.userId),
      movements.map((movement) => movement.amountKrw),
      movements.map((movement) => movement.balanceAfterKrw),
      withdrawnPayments,
      this.timeZone,
    ];
  }
}

function hasChanges({ movements, withdrawnPayments }: Changes): boolean {
  return movements.length + withdrawnPayments.length > 0;
}

function remember(wallets: LoadedWallets, row: CauseRow): void {
  const { entryId, kind, ...rest } = row;
  const { cause, paymentId, amountKrw } = rest;
  if (kind === 'WITHDRAWN') {
    if (paymentId !== null) wallets.withdrawnPayments.add(paymentId);
    return;
  }
  wallets.movements.set(causeKey(kind, cause), { kind, ...rest });
  wallets.entryIds.set(causeKey(kind, cause), entryId);
  if (kind === 'REFUND' && paymentId !== null) {
    const refundedKrw = wallets.refundedKrwByPayment.get(paymentId) ?? 0;
    wallets.refundedKrwByPayment.set(paymentId, refundedKrw + amountKrw);
  }
}
