-- What the tests look at behind the service's back.

-- name: list_records
-- Every record that retention said something about.
select distinct record from event;

-- name: forbid_scans
-- Make the planner show whether an index could serve.
set local enable_seqscan = off;

-- name: keep_clocks
-- So many terms that run on for years, as if so many quotes had come in.
insert into clock (record, category, version, state, changed_by, kind, clause, reason, started_at,
                   due_at, sweep_at)
select gen_random_uuid(), 'quote', 1, 'open', gen_random_uuid(), 'quote', '5.1.quote',
       'a price was asked for', $2::timestamptz, ends_at, ends_at
from generate_series(1, $1::int) as number,
     lateral (select $2::timestamptz + make_interval(days => 1 + number % 2000) as ends_at) as term;

-- name: end_clocks
-- So many of them have ended by now.
update clock set due_at = $2::timestamptz, sweep_at = $2::timestamptz
where (record, category) in (select record, category from clock order by record limit $1);
