-- Whose request it was: an answer is given again only to whom it was given first. Null for what is
-- nobody's word but a service's, and for what was handled before this column existed.
alter table inbox add column actor_id bigint;
