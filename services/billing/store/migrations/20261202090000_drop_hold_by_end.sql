-- migrate:up
-- Why: retention says when a hold has ended, so nobody looks for ended holds here any more.
set lock_timeout = '5s';

drop index hold_by_end;

-- migrate:down
