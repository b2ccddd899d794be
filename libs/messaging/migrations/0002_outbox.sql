-- Events that are committed and not yet confirmed by the broker. Nearly always empty: a row lives
-- for the moment between its commit and the confirm.
create table outbox (
  event_id uuid not null constraint outbox_announced_once primary key,
  -- The order in which one transaction announced; across transactions it says nothing.
  announced_order bigint generated always as identity,
  message_type text not null,
  body jsonb not null,
  headers jsonb not null,
  created_at timestamptz not null default clock_timestamp()
)
with (
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 200,
  autovacuum_analyze_scale_factor = 0.05
);

create index outbox_by_age on outbox (created_at);
