-- Whoever looks for lapsed holds, of some schedules or of all, finds them side by side: they are few,
-- because they are written down soon. By schedule first, the search through all of them read every
-- hold there is.
DROP INDEX holds_by_expiry;
CREATE INDEX holds_by_end ON reservations (expires_at, schedule_id) WHERE state = 'HELD';
