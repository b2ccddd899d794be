-- What proves whose an entry is: two random secrets. Entries that are there already get theirs from
-- the defaults, and so do those that instances of the version before insert while this one is
-- being rolled out; the service makes its own.
ALTER TABLE entries
  -- For clients that can keep nothing but a number: 53 of the bits that are random in a uuid, taken
  -- from its first 16 digits less the one that says its version.
  ADD COLUMN token_id bigint NOT NULL DEFAULT greatest(1, ('x' || overlay(
    left(replace(gen_random_uuid()::text, '-', ''), 16) PLACING '' FROM 13 FOR 1
  ))::bit(60)::bigint >> 7),
  ADD COLUMN token_uuid uuid NOT NULL DEFAULT gen_random_uuid(),
  -- Whoever shows these secrets is told of that entry instead: a guest turned out to be somebody
  -- who had a place of his own.
  ADD COLUMN leads_to_entry_id bigint REFERENCES entries,
  ADD CONSTRAINT a_token_id_fits_a_json_number CHECK (token_id BETWEEN 1 AND 9007199254740991),
  ADD CONSTRAINT only_an_entry_given_up_leads_elsewhere
    CHECK (leads_to_entry_id IS NULL OR state = 'LEFT');

CREATE UNIQUE INDEX a_token_id_is_given_once ON entries (token_id);
CREATE UNIQUE INDEX a_token_uuid_is_given_once ON entries (token_uuid);

-- User ids of people nobody knows yet: from 2^52 on, far above every user's, and still numbers that
-- JSON carries exactly.
CREATE SEQUENCE guest_ids AS bigint
  MINVALUE 4503599627370496 MAXVALUE 9007199254740991 START 4503599627370496;
