-- What the bench of the sweep prepares on the server.

-- name: keep_clocks
-- So many terms that run on for years, each of a record of its own.
insert into clock (record, category, version, state, changed_by, kind, clause, reason, started_at,
                   due_at, sweep_at)
select uuidv7(), 'quote', 1, 'open', uuidv7(), 'quote', '5.1.quote', 'a price was asked for',
       now(), ends_at, ends_at
from generate_series(1, $1::int) as number,
     lateral (select now() + make_interval(days => 30 + number % 2000) as ends_at) as term;

-- name: keep_due
-- So many terms whose facts say that they have ended; the sweep does not look at them yet.
with kept as (
    insert into event (event_id, record, version, name, schema_version, recorded_at,
                       correlation_id, data)
    select uuidv7(), uuidv7(), 1, 'ClockStarted', 1, $3::timestamptz, uuidv7(), $2::text
    from generate_series(1, $1::int)
    returning event_id, record
)
insert into clock (record, category, version, state, changed_by, kind, clause, reason, started_at,
                   due_at)
select record, 'quote', 1, 'open', event_id, 'quote', '5.1.quote', 'a price was asked for',
       $3::timestamptz, $4::timestamptz
from kept;

-- name: settle
-- What autovacuum would have done by now.
vacuum analyze;

-- name: end_terms
-- So many of them are to be looked at, or else they are known by id.
update clock set sweep_at = case when $2::bool then due_at end
where (record, category) in (
    select record, category from clock
    where state = 'open' and due_at = $3::timestamptz and sweep_at is null
    order by due_at, record limit $1)
returning record;
