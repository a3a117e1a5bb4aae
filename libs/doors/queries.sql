-- name: find_answer
-- What was answered to this key before, if anything.
select fingerprint, status, body from answer where scope = $1 and key_hash = $2;

-- name: delete_old_answers
-- Answers are kept for a day of repeats, not for ever.
delete from answer where answered_at < $1;
