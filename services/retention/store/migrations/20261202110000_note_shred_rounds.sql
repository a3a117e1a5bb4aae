-- migrate:up
-- Why: everyone concerned sees since when what an erasure destroyed is beyond recall, and an operator
-- finds the erasures that still wait for the shred round that covers them.
set lock_timeout = '5s';

alter table erasure_progress
    add column shredded jsonb not null default '[]',
    add column is_recoverable boolean not null default false;
update erasure_progress set is_recoverable = true
where completed_at is not null and erased <> '[]';
create index erasure_recoverable on erasure_progress (completed_at) where is_recoverable;

-- migrate:down
