-- name: find_answer
-- What was answered to this key before, if anything.
select fingerprint, status, body from answer where scope = $1 and key_hash = $2;
