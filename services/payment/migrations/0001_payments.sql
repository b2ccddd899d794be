-- One row per attempt to pay for a reservation.
create table payments (
  payment_id bigint generated always as identity primary key,
  request_message_id uuid not null constraint payment_requested_once unique,
  user_id bigint not null,
  reservation_id bigint not null,
  entry_id bigint not null,
  room_id text not null,
  state text not null default 'PENDING'
    check (state in ('PENDING', 'COMPLETED', 'FAILED', 'PARTIALLY_REFUNDED', 'REFUNDED')),
  -- As the reservation fixed them when it was pinned; written at the point of no return, or with
  -- the failure when it came after the pin.
  schedule_id bigint,
  concert_id bigint,
  starts_at timestamptz,
  amount_krw bigint check (amount_krw > 0),
  -- [{ "seatNumber": 7, "priceKrw": 10000 }, …]
  seats jsonb,
  refunded_krw bigint not null default 0,
  failure text,
  created_at timestamptz not null,
  completed_at timestamptz,
  constraint refunds_never_exceed_what_was_paid
    check (refunded_krw between 0 and coalesce(amount_krw, 0)),
  constraint a_failure_has_a_reason check ((failure is not null) = (state = 'FAILED')),
  constraint a_successful_payment_knows_what_was_bought check (
    state in ('PENDING', 'FAILED')
    or num_nulls(schedule_id, concert_id, starts_at, amount_krw, seats, completed_at) = 0
  )
)
-- Written twice or three times: the update stays beside the insert.
with (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.05
);

-- Decides who pays when several requests race. By person too: a stranger's attempt, which the
-- reservation refuses, must not stand in the owner's way meanwhile.
create unique index one_live_payment_per_reservation_and_person
  on payments (reservation_id, user_id) where state <> 'FAILED';
-- The last word: a reservation is paid for once, by whomever.
create unique index one_successful_payment_per_reservation
  on payments (reservation_id) where state in ('COMPLETED', 'PARTIALLY_REFUNDED', 'REFUNDED');
create index payments_of_user on payments (user_id, payment_id desc);
create index sales_of_concert on payments (concert_id, schedule_id)
  where state in ('COMPLETED', 'PARTIALLY_REFUNDED', 'REFUNDED');
