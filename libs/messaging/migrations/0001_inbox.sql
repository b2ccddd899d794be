-- Every command, request and event this service has handled, with the reply it gave: what makes
-- asking again safe. A reply that is null was deferred and is still to come.
create table inbox (
  message_id uuid not null constraint inbox_handled_once primary key,
  message_type text not null,
  fingerprint text,
  reply jsonb,
  reply_to text,
  correlation_id text not null,
  traceparent text,
  created_at timestamptz not null default clock_timestamp()
)
-- Every row is inserted, updated once with its reply, and deleted a day later: the free fifth of a page
-- keeps the update beside the insert, and frequent small vacuums keep the table from growing.
with (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_insert_scale_factor = 0.05,
  autovacuum_analyze_scale_factor = 0.05
);

create index inbox_by_age on inbox (created_at);
