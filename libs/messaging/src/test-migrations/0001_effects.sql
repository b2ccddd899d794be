-- What handlers in the transport's own tests do: one row per effect, so that doing twice shows.
create table effects (
  effect_id bigint generated always as identity primary key,
  message_id uuid not null,
  what text not null
);
