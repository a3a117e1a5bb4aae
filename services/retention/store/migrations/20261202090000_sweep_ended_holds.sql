-- migrate:up
-- Why: retention is the only clock. The sweep looks at running terms, at holds whose last day is past,
-- and once a day at holds without one; `sweep_at` says when it looks next.
set lock_timeout = '5s';

alter table clock add column sweep_at timestamptz;
update clock set sweep_at = due_at where state = 'open';
update clock set due_at = (until_on + 1)::timestamp at time zone 'Europe/Amsterdam'
where state = 'held';
update clock set sweep_at = coalesce(due_at, held_at + interval '1 day') where state = 'held';
create index clock_to_sweep on clock (sweep_at, record, category) where sweep_at is not null;

-- migrate:down
