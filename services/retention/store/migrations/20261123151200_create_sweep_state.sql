-- migrate:up
-- Why: a clock that jumped must not erase in bulk; the sweep remembers when it ran and whether it is stopped.
set lock_timeout = '5s';

create table sweep_state (
    only_row       boolean primary key default true constraint sweep_state_is_one_row check (only_row),
    last_swept_at  timestamptz,
    stopped_at     timestamptz,
    confirmed_at   timestamptz
);
insert into sweep_state (only_row) values (true);

grant select, update on sweep_state to retention;
grant select on sweep_state to operator;

-- migrate:down
