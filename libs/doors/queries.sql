-- name: find_answers
-- What was answered to these keys before, where anything was.
select scope, key_hash, fingerprint, status, body from answer
where (scope, key_hash) in (select * from unnest($1::text[], $2::bytea[]));
