-- One row per saga, rewritten at every step: room in each page keeps those updates inside it (HOT),
-- which also asks that no index holds what changes with every step.
create table sagas (
  id uuid primary key,
  -- The order in which sagas began, for lists that go on where they left off.
  saga_number bigint generated always as identity constraint saga_numbered_once unique,
  definition text not null,
  state text not null
    check (state in ('RUNNING', 'COMPENSATING', 'COMPLETED', 'COMPENSATED', 'NEEDS_ATTENTION')),
  step text,
  direction text not null check (direction in ('do', 'undo')),
  attempt integer not null check (attempt >= 0),
  data jsonb not null,
  refusal text,
  refusal_detail jsonb,
  attention text,
  message_id uuid,
  first_asked_at timestamptz,
  next_ask_at timestamptz,
  log_length integer not null check (log_length > 0),
  -- The deferred request that waits for this saga's outcome.
  request_message_id uuid not null,
  request_id text not null,
  traceparent text,
  payment_id bigint not null,
  refund_id bigint,
  reservation_id bigint not null,
  user_id bigint not null,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  constraint awaits_an_answer_exactly_until_the_end check (
    num_nulls(step, message_id, first_asked_at, next_ask_at)
      = case when state in ('COMPLETED', 'COMPENSATED') then 4 else 0 end
  ),
  constraint says_why_it_needs_attention check (
    (attention is not null) = (state = 'NEEDS_ATTENTION')
  )
) with (
  fillfactor = 75,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.05
);

-- The sweeper, the metrics and the operators' list of what is stuck all ask by state.
create index sagas_by_state on sagas (state, saga_number);
create index sagas_by_payment on sagas (payment_id);
create index sagas_by_refund on sagas (refund_id) where refund_id is not null;
create index sagas_by_reservation on sagas (reservation_id);
create index sagas_by_user on sagas (user_id, saga_number);
create index sagas_by_request on sagas (request_id);

-- Written in the transaction that changes the saga, never changed. No foreign key: it would be
-- checked once per line, and nothing but that transaction writes here.
create table saga_log (
  saga_id uuid not null,
  sequence integer not null check (sequence > 0),
  at timestamptz not null,
  step text,
  event text not null,
  message_id uuid,
  attempt integer not null,
  reason text,
  primary key (saga_id, sequence)
) with (autovacuum_vacuum_insert_scale_factor = 0.05);
