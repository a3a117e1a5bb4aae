-- The present of what retention keeps besides the log: the sum of migrations/.
create table clock (
    record     uuid        not null,
    category   text        not null,
    version    int         not null,
    state      text        not null constraint clock_state_is_known check (state in
        ('open', 'due', 'held', 'erased')),
    changed_by uuid        not null,
    kind       text,
    clause     text,
    reason     text,
    started_at timestamptz,
    due_at     timestamptz,
    basis      text,
    until_on   date,
    held_at    timestamptz,
    erasure    uuid,
    erased_at  timestamptz,
    primary key (record, category)
);
-- What the sweep claims, and what will be due: open terms by date.
create index clock_by_due on clock (due_at, record, category) where state = 'open';
-- What the law holds.
create index clock_held on clock (record, category) where state = 'held';

grant select, insert, update, delete on clock to retention;
grant select on clock to operator;

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

create table sweep_state (
    only_row       boolean primary key default true constraint sweep_state_is_one_row check (only_row),
    last_swept_at  timestamptz,
    stopped_at     timestamptz,
    confirmed_at   timestamptz
);
insert into sweep_state (only_row) values (true);

grant select, update on sweep_state to retention;
grant select on sweep_state to operator;
