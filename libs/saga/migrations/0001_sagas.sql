-- One row per saga, rewritten at every step: room in each page keeps those updates inside it (HOT),
-- which also asks that no index holds what changes with every step.
CREATE TABLE sagas (
  id uuid PRIMARY KEY,
  definition text NOT NULL,
  state text NOT NULL
    CHECK (state IN ('RUNNING', 'COMPENSATING', 'COMPLETED', 'COMPENSATED', 'NEEDS_ATTENTION')),
  step text,
  direction text NOT NULL CHECK (direction IN ('do', 'undo')),
  attempt integer NOT NULL CHECK (attempt >= 0),
  data jsonb NOT NULL,
  refusal text,
  refusal_detail jsonb,
  attention text,
  message_id uuid,
  first_asked_at timestamptz,
  next_ask_at timestamptz,
  log_length integer NOT NULL CHECK (log_length > 0),
  -- The deferred request that waits for this saga's outcome.
  request_message_id uuid NOT NULL,
  request_id text NOT NULL,
  traceparent text,
  payment_id bigint NOT NULL,
  refund_id bigint,
  reservation_id bigint NOT NULL,
  user_id bigint NOT NULL,
  started_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT awaits_an_answer_exactly_until_the_end CHECK (
    num_nulls(step, message_id, first_asked_at, next_ask_at)
      = CASE WHEN state IN ('COMPLETED', 'COMPENSATED') THEN 4 ELSE 0 END
  ),
  CONSTRAINT says_why_it_needs_attention CHECK (
    (attention IS NOT NULL) = (state = 'NEEDS_ATTENTION')
  )
) WITH (
  fillfactor = 75,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.05
);

-- The sweeper, the metrics and the operators' list of what is stuck all ask by state.
CREATE INDEX sagas_by_state ON sagas (state, id);
CREATE INDEX sagas_by_payment ON sagas (payment_id);
CREATE INDEX sagas_by_refund ON sagas (refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX sagas_by_reservation ON sagas (reservation_id);
CREATE INDEX sagas_by_user ON sagas (user_id, id);
CREATE INDEX sagas_by_request ON sagas (request_id);

-- Written in the transaction that changes the saga, never changed. No foreign key: it would be
-- checked once per line, and nothing but that transaction writes here.
CREATE TABLE saga_log (
  saga_id uuid NOT NULL,
  sequence integer NOT NULL CHECK (sequence > 0),
  at timestamptz NOT NULL,
  step text,
  event text NOT NULL,
  message_id uuid,
  attempt integer NOT NULL,
  reason text,
  PRIMARY KEY (saga_id, sequence)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);
