-- What operators read of a service's log and its view of erasures; nothing here writes.

-- name: measure_log
-- How far the log goes.
select coalesce(min(position), 0) as first, coalesce(max(position), 0) as last from event;

-- name: newest_events
-- Facts before a place, newest first, of one record, some names, and a span of time.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event
where position < $1
  and ($2::uuid is null or record = $2)
  and ($3::text[] is null or name = any($3))
  and ($4::timestamptz is null or recorded_at >= $4)
  and ($5::timestamptz is null or recorded_at < $5)
order by position desc limit $6;

-- name: events_of_records
-- Every fact of some records.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event where record = any($1::uuid[]) order by position;

-- name: events_by_id
-- The facts with these ids.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event where event_id = any($1::uuid[]) order by position;

-- name: event_at_position
-- The fact at one place.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event where position = $1;

-- name: oldest_open_transaction
-- From here on a transaction may still be under way.
select pg_snapshot_xmin(pg_current_snapshot())::text;

-- name: measure_erasures
-- How many erasures are under way, since when the oldest, and how many answers were missed.
select count(*) as under_way, min(begun_at) as oldest_at, count(asked_again_at) as asked_again
from erasure_progress where completed_at is null;

-- name: clocks_of_record
-- What will become of each category of a record.
select record, category, kind, state, clause, reason, due_at, basis, until_on
from clock where record = $1 order by category;

-- name: count_events
-- How many facts a log has.
select count(*) from event;

-- name: count_keys_by_epoch
-- Under which epochs the living keys are wrapped, and how many under each.
select epoch, count(*) as keys from keyring.key_list group by epoch order by epoch;

-- name: sample_keys
-- Some records that have a key of a category, the newest first.
select distinct record, made_at from keyring.key_list where category = $1
order by made_at desc, record limit $2;
