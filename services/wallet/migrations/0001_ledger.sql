-- One wallet per user.
create table accounts (
  user_id bigint not null constraint account_opened_once primary key,
  balance_krw bigint not null default 0,
  opened_at timestamptz not null default clock_timestamp(),
  constraint user_id_is_positive check (user_id > 0),
  -- The last word, should any decision ever be wrong.
  constraint balance_is_never_negative check (balance_krw >= 0)
)
-- A balance changes with every movement and no index holds it: with room on its page the new
-- version stays there and no index grows.
with (
  fillfactor = 60,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.05
);

-- Money that moved. One row is one balanced pair: the same amount leaves `debit_account` and
-- reaches `credit_account`, so the ledger cannot become unbalanced by half a write.
-- A user's account is the user's id; two accounts belong to nobody: -1 is cash-in, where charges
-- come from, and -2 is sales, where payments go. Those have no row with a balance, because every
-- movement would queue up for it: their balances are sums (see `account_balances`).
create table movements (
  entry_id bigint generated always as identity primary key,
  kind text not null,
  -- What made the money move: the payment for PAYMENT and PAYMENT_RETURNED, the refund for REFUND,
  -- the request's message for CHARGE.
  cause text not null,
  payment_id bigint,
  user_id bigint not null constraint movement_has_an_owner references accounts,
  debit_account bigint not null,
  credit_account bigint not null,
  amount_krw bigint not null,
  -- The user's balance once this movement had happened.
  balance_after_krw bigint not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint cause_moves_money_once unique (kind, cause),
  constraint amount_is_positive check (amount_krw > 0),
  constraint balance_after_is_never_negative check (balance_after_krw >= 0),
  constraint movement_is_of_a_known_kind check (
    case kind
      when 'CHARGE' then
        debit_account = -1 and credit_account = user_id and payment_id is null
      when 'PAYMENT' then
        debit_account = user_id and credit_account = -2
        and payment_id is not null and cause = payment_id::text
      when 'PAYMENT_RETURNED' then
        debit_account = -2 and credit_account = user_id
        and payment_id is not null and cause = payment_id::text
      when 'REFUND' then
        debit_account = -2 and credit_account = user_id and payment_id is not null
      else false
    end
  )
)
-- Only ever appended to: vacuum has nothing to free, but keeps the visibility map fresh.
with (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

create index movements_of_user on movements (user_id, entry_id desc);
create index refunds_of_payment on movements (payment_id) where kind = 'REFUND';

create function refuse_to_change_movements() returns trigger language plpgsql as $$
begin
  raise exception 'movements are final: correct one by another one';
end
$$;

create trigger movements_are_final before update or delete on movements
  for each statement execute function refuse_to_change_movements();

-- Payments whose debit was undone before it came, or will never be allowed again: a debit that is
-- still on its way finds its payment here and is refused.
create table withdrawn_debits (
  payment_id bigint not null constraint debit_withdrawn_once primary key,
  created_at timestamptz not null default clock_timestamp()
);

-- For auditing: every movement as its two signed entries. Their sum is zero, always.
create view ledger_entries as
  select entry_id, kind, cause, payment_id, credit_account as account,
         amount_krw as signed_amount_krw, created_at
    from movements
  union all
  select entry_id, kind, cause, payment_id, debit_account, -amount_krw, created_at
    from movements;

create view account_balances as
  select account, sum(signed_amount_krw)::bigint as balance_krw
    from ledger_entries
   group by account;
