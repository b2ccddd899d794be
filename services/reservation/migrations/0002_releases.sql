-- How often somebody has given up holds of a schedule, and when last: who does it again and again
-- has to wait before holding seats there again. Written under the schedule's lock.
CREATE TABLE releases (
  schedule_id bigint NOT NULL REFERENCES schedules,
  user_id bigint NOT NULL,
  count integer NOT NULL CONSTRAINT a_release_happened CHECK (count > 0),
  last_released_at timestamptz NOT NULL,
  PRIMARY KEY (schedule_id, user_id)
) WITH (fillfactor = 80);
