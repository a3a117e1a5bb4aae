-- The keyring's doors for the erasure journal.

-- name: read_journal_mark
-- Up to which line of the journal everything is fenced.
select entries, digest from keyring.read_journal_mark();

-- name: move_journal_mark
-- Everything up to this line is fenced.
select keyring.move_journal_mark($1::bigint, $2::text);

-- name: find_unfenced
-- Which of these were not destroyed here.
select record, category from keyring.find_unfenced($1::uuid[], $2::text[]);

-- name: destroy_again
-- Destroys what the journal says was destroyed.
select keyring.destroy_again($1::uuid, $2::text[], $3::uuid, $4::timestamptz);
