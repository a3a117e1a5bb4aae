-- Why: the timer finds the holds whose last day is past, and staff see what is kept and until when.
-- migrate:up
set lock_timeout = '5s';

create table hold (
    record      uuid        primary key,
    version     int         not null,
    event_id    uuid        not null,
    category    text        not null,
    reason      text        not null,
    basis       text        not null,
    until_on    date        not null,
    placed_at   timestamptz not null,
    state       text        not null constraint hold_state_is_known check (state in ('held', 'released')),
    released_at timestamptz,
    constraint hold_released_has_a_moment check ((state = 'released') = (released_at is not null))
);
create index hold_by_end on hold (until_on, record) where state = 'held';

grant select, insert, update, delete on hold to billing;
grant select on hold to operator;

-- migrate:down
