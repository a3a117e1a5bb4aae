-- What the sweeps look at, as the superuser.

-- name: end_leases
-- The time has passed for which effects were leased or postponed.
update effect set not_before = now() where not_before > now() returning effect;

-- name: count_effects
-- How many effects are still owed.
select count(*) from effect;

-- name: list_facts
-- Every fact of a name, by record, in the order it was said.
select record, event_id, version from event where name = $1 order by position;

-- name: list_gaps
-- Records whose versions are not one after the other.
select record from event group by record having max(version) <> count(*) or min(version) <> 1;

-- name: count_unsent
-- How many facts wait in the outbox.
select count(*) from outbox;

-- name: list_quotes
-- The records that the view of quotes shows.
select record from quote_status;

-- name: list_answers
-- How many answers were kept.
select count(*) from answer;

-- name: list_keys
-- The records that have a key of a category.
select record from keyring.data_key where category = $1;

-- name: find_offset
-- Where a topic's only partition stands.
select next_offset from inbox_offset where topic = $1;

-- name: count_caused
-- How many facts each heard fact led to.
select causation_id, count(*) from event where causation_id = any($1::uuid[]) group by 1;

-- name: count_parked
-- How many messages are parked.
select count(*) from parked;

-- name: list_versions
-- Every fact by record and version.
select record, version, event_id from event order by record, version;

-- name: list_unrecoverable
-- The erasures of which no destroyed key can be had from any copy.
select erasure from keyring.fence group by erasure having bool_and(unrecoverable_since is not null);

-- name: find_details
-- What the view of quotes holds of a person.
select details from quote_status where record = $1;

-- name: find_subject
-- Whose record it is, as far as the keyring still knows.
select subject from keyring.record where record = $1;

-- name: lose_a_quote
-- One row of the view is lost.
delete from quote_status where record = (select min(record::text)::uuid from quote_status);

-- name: digest_live
-- Rows and digest of a live view.
select row_count, digest from digest_view('public', $1);

-- name: list_shadows
-- The schemas of rebuilds that are there.
select nspname from pg_namespace where nspname not in ('public', 'information_schema') and nspname not like 'pg\_%';

-- name: list_places
-- Where hearing stands, wherever it stands.
select distinct next_offset from inbox_offset;

-- name: read_from
-- The facts from the n-th on, by place.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event order by position offset $1;
