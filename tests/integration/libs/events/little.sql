-- A little view, and what the tests look at or plant; run by the owner or by the service.

-- name: make_table
-- The view's table, with what a switch must keep: keys, indexes, checks, defaults and rights.
create table little (
    record uuid primary key,
    facts int not null constraint little_counts_up check (facts > 0),
    last_name text not null default '-',
    last_at timestamptz not null
);

-- name: make_index
-- Newest first, of those that go on.
create index little_by_time on little (last_at desc, record) where facts > 1;

-- name: make_other_table
-- Somewhere else to write, so that a transaction has its number early.
create table elsewhere (record uuid);

-- name: grant_tables
-- What the services may do, and what the operator may.
grant select, insert, update, delete on little, elsewhere to quotes, billing;

-- name: grant_reading
-- What the operator may.
grant select on little to operator;

-- name: read_little
-- The rows of these records.
select record, facts, last_name, last_at from little where record = any($1::uuid[]);

-- name: write_little
-- Insert or replace rows.
insert into little (record, facts, last_name, last_at)
select * from unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[])
on conflict (record) do update set
    facts = excluded.facts, last_name = excluded.last_name, last_at = excluded.last_at;

-- name: delete_little
-- Remove rows.
delete from little where record = any($1::uuid[]);

-- name: count_facts
-- How many facts the view has seen.
select coalesce(sum(facts), 0)::int from little;

-- name: spoil_row
-- One row that the facts do not say.
update little set facts = facts + 100 where record = $1;

-- name: write_elsewhere
-- Take a transaction number without touching the log.
insert into elsewhere (record) values ($1);

-- name: count_transactions
-- In how many transactions the facts were kept.
select count(distinct transaction_id)::int from event;

-- name: count_outbox
-- How many facts wait.
select count(*) from outbox;

-- name: list_outbox
-- Whose facts wait, in order.
select record, version, refused_reason from outbox join event using (position) order by position;

-- name: list_events
-- What was kept, in order.
select record, version, name, causation_id from event order by position;

-- name: list_effects
-- What is still owed.
select position, effect, attempts, last_error from effect order by position, effect;

-- name: make_effects_due
-- Nobody waits for a lease or a pause any more.
update effect set not_before = now();

-- name: list_progress
-- How far each record was heard.
select record, last_version, held_back from inbox_record order by record;

-- name: next_offset
-- Where a partition stands.
select next_offset from inbox_offset where topic = $1 and kafka_partition = $2;

-- name: put_back_offset
-- A database that was restored to an earlier state.
update inbox_offset set next_offset = $3, last_event_id = null
where topic = $1 and kafka_partition = $2;

-- name: list_views
-- The tables of views, and their shadows.
select schemaname || '.' || tablename as name from pg_tables where tablename = 'little' order by 1;

-- name: list_drops
-- What was left out for good.
select record, dropped_because, dropped_by from parked_drop order by parked_id;

-- name: kill_session
-- End a connection from outside, as a failover would.
select pg_terminate_backend($1);

-- name: my_session
-- Which process serves this connection.
select pg_backend_pid();

-- name: elected_session
-- Which process serves the relay that was elected.
select pid from pg_locks where locktype = 'advisory' and granted
    and database = (select oid from pg_database where datname = current_database());

-- name: count_waiting
-- How many sessions wait for a lock.
select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock';

-- name: change_event
-- Try to rewrite what was said.
update event set data = '{}';

-- name: delete_event
-- Try to unsay it.
delete from event;

-- name: empty_event
-- Try to forget it all.
truncate event;

-- name: refuse_one
-- A view that cannot keep one record, as a faulty fold would make it.
alter table little add constraint little_refuses_one
    check (record <> '00000000-0000-0000-0000-000000000001');

-- name: drop_table
-- A database that lacks a migration.
drop table little;

-- name: list_pauses
-- How long each effect waits.
select extract(epoch from not_before - now())::float from effect;

-- name: read_hurry
-- Whether the commits of this session wait for the disk.
show synchronous_commit;
