-- name: create_plain_tables
-- What the plain door writes to.
create table if not exists plain_quote (
  id uuid primary key, name text not null, email text not null, brief text not null,
  language text not null, created_at timestamptz not null default now()
);
create table if not exists plain_outbox (
  position bigint generated always as identity primary key, quote uuid not null, data jsonb not null
);

-- name: empty_plain_tables
-- Fresh ground for a slice.
truncate plain_quote, plain_outbox;

-- name: insert_plain_quote
-- The first of the plain door's two statements.
insert into plain_quote (id, name, email, brief, language) values ($1, $2, $3, $4, $5);

-- name: insert_plain_outbox
-- The second of the plain door's two statements.
insert into plain_outbox (quote, data) values ($1, $2::text::jsonb);

-- name: count_outbox
-- How many facts wait to be sent.
select count(*) from outbox;
