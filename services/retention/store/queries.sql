-- The statements of retention's views and of its sweep, by name.

-- name: read_clock
-- The clocks of these categories, kept from other writers until the commit.
select record, category, version, state, changed_by, kind, clause, reason, started_at, due_at,
       sweep_at, basis, until_on, held_at, erasure, erased_at
from clock
where (record, category) in (select * from unnest($1::uuid[], $2::text[]))
order by record, category
for update;

-- name: write_clock
-- Insert or replace whole rows, a column per argument.
insert into clock (record, category, version, state, changed_by, kind, clause, reason, started_at,
                   due_at, sweep_at, basis, until_on, held_at, erasure, erased_at)
select * from unnest(
    $1::uuid[], $2::text[], $3::int[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::text[], $13::date[],
    $14::timestamptz[], $15::uuid[], $16::timestamptz[])
on conflict (record, category) do update set
    version = excluded.version, state = excluded.state, changed_by = excluded.changed_by,
    kind = excluded.kind, clause = excluded.clause, reason = excluded.reason,
    started_at = excluded.started_at, due_at = excluded.due_at,
    sweep_at = excluded.sweep_at, basis = excluded.basis, until_on = excluded.until_on,
    held_at = excluded.held_at, erasure = excluded.erasure, erased_at = excluded.erased_at;

-- name: delete_clock
-- Remove the clocks of these categories.
delete from clock where (record, category) in (select * from unnest($1::uuid[], $2::text[]));

-- name: claim_due
-- What the sweep is to look at by now, oldest first, kept from other sweeps until the commit.
select record, category from clock
where sweep_at <= $1
order by sweep_at, record, category
limit $2
for update skip locked;

-- name: find_clocks
-- Every category of one record.
select record, category, version, state, changed_by, kind, clause, reason, started_at, due_at,
       sweep_at, basis, until_on, held_at, erasure, erased_at
from clock where record = $1 order by category;

-- name: list_due
-- A page of open terms that end before an instant, soonest first, after a place.
select record, category, version, state, changed_by, kind, clause, reason, started_at, due_at,
       sweep_at, basis, until_on, held_at, erasure, erased_at
from clock
where state = 'open' and due_at < $1
  and ($2::timestamptz is null or (due_at, record, category) > ($2, $3::uuid, $4::text))
order by due_at, record, category
limit $5;

-- name: list_held
-- A page of what the law holds, by record, after a place.
select record, category, version, state, changed_by, kind, clause, reason, started_at, due_at,
       sweep_at, basis, until_on, held_at, erasure, erased_at
from clock
where state = 'held' and ($1::uuid is null or (record, category) > ($1, $2::text))
order by record, category
limit $3;

-- name: list_going
-- A page of what would go before an instant: open terms, and holds that will have ended.
select record, category, version, state, changed_by, kind, clause, reason, started_at, due_at,
       sweep_at, basis, until_on, held_at, erasure, erased_at
from clock
where state in ('open', 'due', 'held') and due_at < $1
  and ($2::timestamptz is null or (due_at, record, category) > ($2, $3::uuid, $4::text))
order by due_at, record, category
limit $5;

-- name: count_going
-- How many categories would go before an instant, by clause and state.
select clause, state, count(*) as categories from clock
where state in ('open', 'due', 'held') and due_at < $1
group by clause, state order by clause, state;

-- name: count_clocks_by_state
-- How many categories stand in each state under a clause.
select state, count(*) as categories from clock where clause = $1 group by state;

-- name: find_overdue
-- Terms under a clause that ended before an instant and whose category is still there.
select changed_by from clock
where clause = $1 and state in ('open', 'due') and due_at < $2
order by due_at limit $3;

-- name: count_held
-- How many categories the law holds.
select count(*) from clock where state = 'held';

-- name: find_unnamed_holds
-- Holds older than an instant without a basis or a date.
select changed_by from clock
where state = 'held' and held_at < $1 and (basis is null or basis = '' or until_on is null)
order by held_at limit $2;

-- name: find_outlived_holds
-- Holds whose term ended before an instant.
select changed_by from clock
where state = 'held' and due_at < $1
order by due_at limit $2;

-- name: read_erasure_progress
-- The rows of these erasures, kept from other writers until the commit.
select erasure, begun_at, begun_by, cause, request, records, erased, held, answers, completed_at,
       completed_by, certificate, shredded, is_recoverable, asked_again_at, ask_next_at
from erasure_progress where erasure = any($1::uuid[]) order by erasure for update;

-- name: write_erasure_progress
-- Insert or replace whole rows, a column per argument; lists come as JSON.
insert into erasure_progress (erasure, begun_at, begun_by, cause, request, records, erased, held,
                              answers, completed_at, completed_by, certificate, shredded,
                              is_recoverable, asked_again_at, ask_next_at)
select erasure, begun_at, begun_by, cause, request,
       array(select jsonb_array_elements_text(records::jsonb))::uuid[],
       erased::jsonb, held::jsonb, answers::jsonb, completed_at, completed_by, certificate,
       shredded::jsonb, is_recoverable, asked_again_at, ask_next_at
from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::uuid[], $6::text[],
            $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::uuid[], $12::text[],
            $13::text[], $14::bool[], $15::timestamptz[], $16::timestamptz[])
    as given (erasure, begun_at, begun_by, cause, request, records, erased, held, answers,
              completed_at, completed_by, certificate, shredded, is_recoverable,
              asked_again_at, ask_next_at)
on conflict (erasure) do update set
    begun_at = excluded.begun_at, begun_by = excluded.begun_by, cause = excluded.cause,
    request = excluded.request, records = excluded.records, erased = excluded.erased,
    held = excluded.held, answers = excluded.answers, completed_at = excluded.completed_at,
    completed_by = excluded.completed_by, certificate = excluded.certificate,
    shredded = excluded.shredded, is_recoverable = excluded.is_recoverable,
    asked_again_at = excluded.asked_again_at, ask_next_at = excluded.ask_next_at;

-- name: delete_erasure_progress
-- Remove the rows of these erasures.
delete from erasure_progress where erasure = any($1::uuid[]);

-- name: find_erasure
-- One erasure.
select erasure, begun_at, begun_by, cause, request, records, erased, held, answers, completed_at,
       completed_by, certificate, shredded, is_recoverable, asked_again_at, ask_next_at
from erasure_progress where erasure = $1;

-- name: list_erasures
-- A page of erasures, newest first; ids are ordered by time.
select erasure, begun_at, begun_by, cause, request, records, erased, held, answers, completed_at,
       completed_by, certificate, shredded, is_recoverable, asked_again_at, ask_next_at
from erasure_progress where erasure < $1 order by erasure desc limit $2;

-- name: measure_under_way
-- How many erasures wait for answers, and when the oldest of them began.
select count(*) as erasures, min(begun_at) as oldest_at
from erasure_progress where completed_at is null;

-- name: find_unanswered_erasures
-- Erasures under way that destroyed a key: begun before an instant, or to be asked again by now.
select erasure from erasure_progress
where completed_at is null and erased <> '[]'
  and (ask_next_at <= $1 or (ask_next_at is null and begun_at < $2))
order by begun_at limit $3;

-- name: count_asked_again_erasures
-- How many erasures under way had to be asked for an answer again.
select count(*) from erasure_progress where completed_at is null and asked_again_at is not null;

-- name: find_slow_erasures
-- Erasures begun before an instant that still wait.
select begun_by from erasure_progress
where completed_at is null and begun_at < $1
order by begun_at limit $2;

-- name: count_recoverable_erasures
-- How many completed erasures wait for the shred round that covers them.
select count(*) from erasure_progress where is_recoverable;

-- name: count_unrecoverable_erasures
-- How many completed erasures destroyed something and are beyond recall.
select count(*) from erasure_progress
where completed_at is not null and erased <> '[]' and not is_recoverable;

-- name: find_recoverable_erasures
-- Erasures completed before an instant whose keys a copy could still give back.
select completed_by from erasure_progress
where is_recoverable and completed_at < $1
order by completed_at limit $2;

-- name: list_certificates
-- A page of completed erasures, by id.
select erasure, begun_at, begun_by, cause, request, records, erased, held, answers, completed_at,
       completed_by, certificate, shredded, is_recoverable, asked_again_at, ask_next_at
from erasure_progress
where completed_at is not null and erasure > $1 order by erasure limit $2;

-- name: read_sweep_state
-- When the sweep ran last, and whether it is stopped.
select last_swept_at, stopped_at, confirmed_at from sweep_state;

-- name: note_sweep
-- The sweep ran now.
update sweep_state set last_swept_at = greatest(last_swept_at, $1), stopped_at = null;

-- name: note_stop
-- The sweep found that the clock jumped.
update sweep_state set stopped_at = coalesce(stopped_at, $1);

-- name: note_confirmation
-- An operator looked at the jump: time up to now is trusted.
update sweep_state
set last_swept_at = greatest(last_swept_at, $1), confirmed_at = $1, stopped_at = null;

-- name: known_events
-- Those of these events that the log has.
select event_id from event where event_id = any($1::uuid[]);

-- name: find_destructions
-- What erasures did to these records, and the newest fact of each, oldest first.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event
where record = any($1::uuid[]) and name in ('RecordErased', 'RecordHeld')
union
select newest.position, newest.event_id, newest.record, newest.version, newest.name,
       newest.schema_version, newest.recorded_at, newest.correlation_id, newest.causation_id,
       newest.traceparent, newest.data
from unnest($1::uuid[]) as given (record),
     lateral (select * from event where event.record = given.record
              order by version desc limit 1) as newest
order by record, version;

-- name: has_later_answer
-- Whether an answer to an erasure stands behind a version.
select exists (select from event
               where record = $1 and version > $2 and name = 'OwnerScrubbed');
