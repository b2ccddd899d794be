-- Waiting rooms, the places people take in them, and how many seats the sales behind them still have.

-- What the queue needs to know of a sale: how many seats are left. Two sources with a version each:
-- the catalogue says how many there are, the reservation service how many are still free.
CREATE TABLE schedules (
  schedule_id bigint PRIMARY KEY,
  published_version bigint NOT NULL DEFAULT 0,
  seat_count integer,
  seats_version bigint NOT NULL DEFAULT 0,
  seats_left integer,
  CONSTRAINT a_known_schedule_has_a_number_of_seats CHECK (num_nonnulls(seat_count, seats_left) > 0)
) WITH (fillfactor = 70);

-- One row per room; whoever changes a room's entries holds this row's lock, so that places follow
-- commit order and the counters are the truth. The row changes with every batch: room is left on
-- its page for the next version.
CREATE TABLE rooms (
  room_id text PRIMARY KEY,
  active_cap integer NOT NULL,
  admissions_per_second double precision NOT NULL,
  paused boolean NOT NULL,
  draining boolean NOT NULL,
  active_seconds integer NOT NULL,
  grace_seconds integer NOT NULL,
  schedule_id bigint REFERENCES schedules,
  -- The place given out last: the next person gets the one after it.
  last_place bigint NOT NULL DEFAULT 0,
  waiting_count integer NOT NULL DEFAULT 0,
  active_count integer NOT NULL DEFAULT 0,
  -- Admissions the rate still allowed at tokens_at.
  tokens double precision NOT NULL,
  tokens_at timestamptz NOT NULL DEFAULT now(),
  -- When a service instance last looked after the room, and since when without a gap: silence of a
  -- waiter counts only while somebody could have heard him.
  attended_at timestamptz NOT NULL DEFAULT now(),
  attended_since timestamptz NOT NULL DEFAULT now(),
  -- Since when people have waited without the room ever being empty; null when nobody waits.
  backlog_since timestamptz,
  -- The search for people who stopped polling goes round the room in bounded steps.
  swept_place bigint NOT NULL DEFAULT 0,
  swept_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT counts_of_a_room_are_never_negative CHECK (waiting_count >= 0 AND active_count >= 0)
) WITH (
  fillfactor = 40,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 500
);

CREATE INDEX rooms_of_a_schedule ON rooms (schedule_id) WHERE schedule_id IS NOT NULL;

CREATE TABLE entries (
  entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  room_id text NOT NULL REFERENCES rooms,
  user_id bigint NOT NULL,
  place bigint NOT NULL,
  state text NOT NULL,
  joined_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  admitted_at timestamptz,
  active_until timestamptz,
  ended_at timestamptz,
  -- The completed payment that used the entry up.
  payment_id bigint,
  CONSTRAINT entry_state_is_known
    CHECK (state IN ('WAITING', 'ACTIVE', 'USED', 'EXPIRED', 'LEFT')),
  CONSTRAINT an_active_entry_has_an_end CHECK (state <> 'ACTIVE' OR active_until IS NOT NULL),
  CONSTRAINT an_ended_entry_knows_when
    CHECK ((ended_at IS NULL) = (state IN ('WAITING', 'ACTIVE')))
) WITH (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);

CREATE UNIQUE INDEX one_live_entry_per_person_and_room
  ON entries (room_id, user_id) WHERE state IN ('WAITING', 'ACTIVE');
-- The line itself. last_seen_at is in no index on purpose: marking a waiter as seen stays a cheap
-- update within its page.
CREATE UNIQUE INDEX a_place_in_line_is_given_once
  ON entries (room_id, place) WHERE state = 'WAITING';
CREATE INDEX active_entries_by_end ON entries (room_id, active_until) WHERE state = 'ACTIVE';
-- The latest entry of a person, live or ended.
CREATE INDEX entries_of_a_person ON entries (room_id, user_id, entry_id);

-- How many were admitted in each five-second bucket: a ring of 16 rows per room, shared by all
-- instances, from which the admission rate is measured.
CREATE TABLE admission_counts (
  room_id text NOT NULL REFERENCES rooms,
  slot smallint NOT NULL,
  -- Unix time divided by five seconds.
  bucket integer NOT NULL,
  admitted integer NOT NULL,
  PRIMARY KEY (room_id, slot)
) WITH (fillfactor = 50);

-- The room everybody passes through unless a sale has its own.
INSERT INTO rooms (
  room_id, active_cap, admissions_per_second, paused, draining, active_seconds, grace_seconds, tokens
) VALUES ('default', 500, 100, false, false, 300, 60, 100);
