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
begin;
create table if not exists scratch (n int);
insert into scratch select generate_series(1, 1000);
commit;

-- name: end_leases
-- Nobody waits for a worker that is gone.
update effect set not_before = now();

-- name: cut_all
-- End every session of quotes with its own database; gives how many there were.
select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
where usename = 'quotes' and datname = 'quotes';

-- name: count_sessions
-- How many sessions quotes has with its own database.
select count(*) from pg_stat_activity where usename = 'quotes' and datname = 'quotes';

-- name: allow_two
-- One for the relay, and one for everything else.
alter database quotes connection limit 2;

-- name: allow_none
-- As when others have used up every connection.
alter database quotes connection limit 0;

-- name: allow_all
-- As it was.
alter database quotes connection limit -1;

-- name: idle_limit
-- How long a transaction may be forgotten.
select current_setting('idle_in_transaction_session_timeout');

-- name: forget_a_transaction
-- Begin, take a number and a snapshot, and go away.
begin isolation level repeatable read;
select pg_current_xact_id(), count(*) from event;

-- name: be_ended_soon
-- The limit comes sooner than an operator would want to wait.
set local idle_in_transaction_session_timeout = '500ms';

-- name: list_erased
-- Which of these records were called erased.
select distinct record::text as record from event
where name = 'RecordErased' and record = any($1::text[]::uuid[]);
