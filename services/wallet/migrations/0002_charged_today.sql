-- What was charged on the last day anything was charged, beside the balance, because a charge locks
-- and writes this row anyway: summing up movements would cost more the more somebody charges.
alter table accounts
  add column charged_on date,
  add column charged_krw bigint not null default 0
    constraint charged_is_never_negative check (charged_krw >= 0);
