-- A row is a turn: its first line in the columns there were, and those that followed at the same moment
-- as [step, event, message id, attempt, reason], with the next sequences. Rows of an earlier version
-- have none. Read it through `saga_timeline`, a row for each line.
alter table saga_log add column further jsonb;

create view saga_timeline as
  select saga_id, sequence, at, step, event, message_id, attempt, reason from saga_log
  union all
  select saga_id, sequence + place::integer, at, line ->> 0, line ->> 1, (line ->> 2)::uuid,
    (line ->> 3)::integer, line ->> 4
  from saga_log cross join jsonb_array_elements(further) with ordinality as followed (line, place);
