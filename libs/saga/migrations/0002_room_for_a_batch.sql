-- Sagas that begin in one batch lie side by side and go on in one batch, too. Each page keeps room for
-- a second version of all its rows: without it most of them moved to another page at every step, and
-- with them their entries in seven indexes.
alter table sagas set (fillfactor = 45);
