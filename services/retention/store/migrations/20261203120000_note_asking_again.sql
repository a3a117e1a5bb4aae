-- migrate:up
-- Why: an owner that does not answer an erasure in time is asked again, and everyone concerned sees it.
set lock_timeout = '5s';

alter table erasure_progress
    add column asked_again_at timestamptz,
    add column ask_next_at timestamptz;

-- migrate:down
