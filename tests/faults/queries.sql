-- What the fault tests read and how they trouble a database.

-- name: list_events
-- Every fact.
select event_id from event;

-- name: list_outbox
-- Every fact that waits to be sent.
select event_id from outbox join event using (position);

-- name: checkpoint
-- Bring every page to the disk.
checkpoint;

-- name: write_without_waiting
-- A transaction whose WAL the walwriter brings to the disk some time later.
begin;
set local synchronous_commit = off;
create table if not exists scratch (n int);
insert into scratch select generate_series(1, 1000);
commit;

-- name: write_and_wait
-- A transaction whose own session brings its WAL to the disk.
create table if not exists scratch (n int);
