-- migrate:up
-- Why: a person reads how far their request is; the address lies here as a sealed box.
set lock_timeout = '5s';

create table rights_request (
    record       uuid primary key,
    version      int         not null,
    event_id     uuid        not null,
    stage        text        not null constraint rights_request_stage_is_known check (stage in
        ('received', 'confirmed', 'completed')),
    "right"      text        not null,
    language     text        not null,
    received_at  timestamptz not null,
    due_on       date        not null,
    confirmed_at timestamptz,
    completed_at timestamptz,
    answered_at  timestamptz,
    told         boolean,
    erasure      uuid,
    erased       jsonb       not null,
    held         jsonb       not null,
    requester    bytea,
    erased_at    timestamptz,
    constraint rights_request_erased_is_blank check (erased_at is null or requester is null)
);
-- Requests still to be answered, the most urgent first.
create index rights_request_by_due on rights_request (due_on, record) where answered_at is null;

grant select, insert, update, delete on rights_request to consent;
grant select on rights_request to operator;

-- migrate:down
