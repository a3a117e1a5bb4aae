-- name: probe_log
-- Whether the database answers and its log is there.
select 1 from outbox limit 1;

-- name: probe_keyring
-- Whether the keyring's database answers.
select 1;
