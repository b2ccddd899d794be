-- A turn may have taken several steps: the lines that were not written at the time of the first one
-- end with their own, as a sixth element. Read them through `saga_timeline`, as before.
create or replace view saga_timeline as
  select saga_id, sequence, at, step, event, message_id, attempt, reason from saga_log
  union all
  select saga_id, sequence + place::integer, coalesce((line ->> 5)::timestamptz, at), line ->> 0,
    line ->> 1, (line ->> 2)::uuid, (line ->> 3)::integer, line ->> 4
  from saga_log cross join jsonb_array_elements(further) with ordinality as followed (line, place);
