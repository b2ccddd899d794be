-- Until when a payment that may not be stored yet has the hold; null once it surely is stored. Says
-- something only while the reservation is PAYING: an earlier version leaves it as it finds it.
ALTER TABLE reservations ADD COLUMN lease_ends_at timestamptz;
CREATE INDEX leases_by_end ON reservations (lease_ends_at)
  WHERE state = 'PAYING' AND lease_ends_at IS NOT NULL;
