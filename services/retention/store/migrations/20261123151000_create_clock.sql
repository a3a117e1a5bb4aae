-- migrate:up
-- Why: the sweep finds what is due by date, staff and auditors see what goes when, and what the law holds.
set lock_timeout = '5s';

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

-- migrate:down
