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
