-- name: probe_log
-- Whether the database answers and its log is there.
select 1 from outbox limit 1;

-- name: count_outbox
-- How many facts wait to be sent, counted no further than asked.
select count(*) from (select 1 from outbox limit $1) as waiting;

-- name: probe_keyring
-- Whether the keyring's database answers.
select 1;
