-- The sweeper takes the oldest first, a few hundred at a time. After an outage there may be hundreds of
-- thousands: without this order it would sort all of them for every portion.
create index outbox_in_order on outbox (announced_order);
