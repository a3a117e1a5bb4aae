-- migrate:up
-- The relay can be asked to send nothing, and says when it does, so that its topic can be made anew
-- and filled from the log in order.
set lock_timeout = '5s';

alter table relay_epoch
    add column hold_asked_at timestamptz,
    add column held_at timestamptz,
    add constraint held_when_asked check (held_at is null or hold_asked_at is not null);

-- migrate:down
alter table relay_epoch drop column held_at, drop column hold_asked_at;
