-- What the faults of the bus look at; nothing here writes.

-- name: count_named
-- How many facts of a name a log has.
select count(*) from event where name = $1;

-- name: count_left_open
-- How many sessions of this role have a transaction open and do nothing.
select count(*) from pg_stat_activity
where usename = current_user and state like 'idle in transaction%';
