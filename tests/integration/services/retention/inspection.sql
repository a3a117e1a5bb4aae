-- What the tests look at behind the service's back.

-- name: list_records
-- Every record that retention said something about.
select distinct record from event;

-- name: forbid_scans
-- Make the planner show whether an index could serve.
set local enable_seqscan = off;
