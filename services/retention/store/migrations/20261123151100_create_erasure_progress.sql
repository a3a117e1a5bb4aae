-- migrate:up
-- Why: everyone concerned sees how far an erasure has come, for whom it waits, and its certificate.
set lock_timeout = '5s';

create table erasure_progress (
    erasure      uuid primary key,
    begun_at     timestamptz,
    begun_by     uuid,
    cause        text,
    request      uuid,
    records      uuid[] not null,
    erased       jsonb  not null,
    held         jsonb  not null,
    answers      jsonb  not null,
    completed_at timestamptz,
    completed_by uuid,
    certificate  text
);
-- Erasures under way, oldest first.
create index erasure_under_way on erasure_progress (begun_at) where completed_at is null;

grant select, insert, update, delete on erasure_progress to retention;
grant select on erasure_progress to operator;

-- migrate:down
