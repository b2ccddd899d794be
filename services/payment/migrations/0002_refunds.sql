-- One row per accepted request for money back.
create table refunds (
  refund_id bigint generated always as identity primary key,
  request_message_id uuid not null constraint refund_requested_once unique,
  payment_id bigint not null constraint refund_is_of_a_payment references payments,
  reservation_id bigint not null,
  user_id bigint not null,
  state text not null default 'PENDING' check (state in ('PENDING', 'COMPLETED', 'FAILED')),
  -- Decided once, when the refund was requested: the policy's share of the seats' prices.
  amount_krw bigint not null check (amount_krw > 0),
  reason text,
  failure text,
  created_at timestamptz not null,
  completed_at timestamptz,
  constraint a_failed_refund_has_a_reason check ((failure is not null) = (state = 'FAILED')),
  constraint a_completed_refund_has_its_time
    check ((completed_at is not null) = (state = 'COMPLETED'))
)
with (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.05
);

create unique index one_refund_running_per_payment on refunds (payment_id)
  where state = 'PENDING';
create index refunds_of_user on refunds (user_id, refund_id desc);

create table refund_seats (
  refund_id bigint not null references refunds,
  payment_id bigint not null,
  seat_number integer not null,
  -- False once the refund failed: the seat may be refunded by another one.
  counts boolean not null default true,
  primary key (refund_id, seat_number)
);

create unique index seat_refunded_once on refund_seats (payment_id, seat_number) where counts;
