-- What is fresh, and the plain way from one table to another.

-- name: create_plain_path
-- Where the plain path begins and ends.
create table if not exists plain_said (
  position bigint generated always as identity primary key, record uuid not null, data text not null
);
create table if not exists plain_seen (record uuid primary key, data text not null);

-- name: empty_plain_path
-- Fresh ground for a slice.
truncate plain_said, plain_seen;

-- name: insert_said
-- A fact is kept.
insert into plain_said (record, data) values ($1, $2) returning position;

-- name: read_said
-- What was kept since.
select position, record, data from plain_said where position >= $1 order by position;

-- name: upsert_seen
-- It is seen elsewhere.
insert into plain_seen (record, data) values ($1, $2)
on conflict (record) do update set data = excluded.data;

-- name: find_clocks
-- Which of these records another service's view shows.
select record from clock where record = any($1::uuid[]);
