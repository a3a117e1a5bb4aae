-- What the tests look at, and how they stand in the way, as the superuser.

-- name: lock_record
-- Stands in the way of everyone who makes, holds or destroys on this record.
select record from keyring.record where record = $1 for update;

-- name: count_waiting
-- Counts the sessions that wait for a lock.
select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock';

-- name: explain_provisional
-- How the question for provisional holds is answered, in a plan that shows whether an index serves.
explain (costs off)
select h.record, h.category, h.reason, h.placed_at from keyring.hold h
where h.placed_by = 'quotes' and h.category = 'billing'
  and h.until_on is null and h.released_at is null and h.placed_at < now()
order by h.placed_at, h.record limit 10;

-- name: count_keys
-- Counts the stored keys of a record.
select count(*) from keyring.data_key where record = $1;

-- name: count_subjects
-- Counts the subjects with a blind index.
select count(*) from keyring.subject where blind_index = $1;

-- name: list_rights
-- Lists the rights as the migration wrote them.
select role::text, category, may_make, may_open, may_hold, may_release, may_destroy, may_read_links
from keyring.role_right;

-- name: swap_wrapped
-- Moves the wrapped key of the second record to the row of the first.
update keyring.data_key d set wrapped = o.wrapped
from keyring.data_key o
where d.record = $1 and o.record = $2 and d.category = o.category;

-- name: find_fence
-- Shows what a destruction left behind.
select erasure, epochs, fingerprints, unrecoverable_since from keyring.fence
where record = $1 and category = $2;

-- name: read_tables_directly
-- Goes past the functions.
select wrapped from keyring.data_key;

-- name: list_keys
-- Lists keys as an operator sees them.
select record, category, revision, epoch, made_at, made_by from keyring.key_list where record = $1;

-- name: open_next_epoch
-- Does to the epochs what a shred round begins with.
with closed as (
    update keyring.epoch set state = 'closing', closed_at = now() where state = 'open'
    returning epoch)
insert into keyring.epoch (epoch, state, opened_at) select epoch + 1, 'open', now() from closed;

-- name: close_database
-- Lets nobody connect to a database, as in an outage.
update pg_database set datallowconn = false where datname = $1;

-- name: open_database
-- Lets people connect to a database again.
update pg_database set datallowconn = true where datname = $1;

-- name: cut_connections
-- Ends everyone's connection to a database.
select pg_terminate_backend(pid) from pg_stat_activity where datname = $1;

-- name: list_unrecoverable
-- Lists the erasures of which no destroyed key can be had from any copy.
select erasure from keyring.fence group by erasure having bool_and(unrecoverable_since is not null);

-- name: write_everything
-- Sees that what is in memory lies in the files as well.
checkpoint;
