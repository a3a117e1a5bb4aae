-- Why: one small database says whose a record is and holds the wrapped keys; nobody reads its
-- tables. Roles call the functions, and the functions ask who calls.
-- migrate:up
set lock_timeout = '5s';

create schema keyring;

-- The keys that wrap data keys, kept outside this database; exactly one is open.
create table keyring.epoch (
    epoch        integer     primary key check (epoch > 0),
    state        text        not null check (state in ('open', 'closing', 'destroyed')),
    opened_at    timestamptz not null,
    closed_at    timestamptz check (closed_at is not null or state = 'open'),
    destroyed_at timestamptz check (destroyed_at is not null or state <> 'destroyed')
);
create unique index epoch_open on keyring.epoch (state) where state = 'open';

-- A person, known only by the keyed hash of an address; gone with the last of their records.
create table keyring.subject (
    subject     uuid  primary key default gen_random_uuid(),
    blind_index bytea not null constraint subject_blind_index unique
                      check (octet_length(blind_index) = 32)
);

-- A kept thing. Its row is the lock on which making, holding and destroying meet.
create table keyring.record (
    record       uuid primary key,
    kind         text not null,
    subject      uuid constraint record_subject references keyring.subject,
    linked_at    timestamptz,
    forgotten_at timestamptz check (forgotten_at is null or subject is null),
    erased_at    timestamptz,
    erasure      uuid check ((erasure is null) = (erased_at is null))
);
create index record_of_subject on keyring.record (subject) where subject is not null;

-- Wrapped keys of 60 bytes; the fingerprint recognises a key in an old copy under any epoch.
create table keyring.data_key (
    record      uuid        not null references keyring.record,
    category    text        not null,
    revision    integer     not null default 1 check (revision > 0),
    epoch       integer     not null,
    wrapped     bytea       not null check (octet_length(wrapped) = 60),
    fingerprint bytea       not null check (octet_length(fingerprint) = 32),
    made_at     timestamptz not null,
    made_by     name        not null,
    primary key (record, category, revision)
) with (fillfactor = 80);
create index data_key_of_epoch on keyring.data_key (epoch);

-- What the law keeps: an unreleased hold keeps its category from destruction.
create table keyring.hold (
    record      uuid        not null references keyring.record,
    category    text        not null,
    reason      text        not null,
    until_on    date,
    basis       text        not null,
    placed_by   name        not null,
    placed_at   timestamptz not null,
    released_at timestamptz check (released_at >= placed_at),
    primary key (record, category, reason)
);

-- What stays where a key was destroyed, so that none is ever made there again.
create table keyring.fence (
    record              uuid        not null references keyring.record,
    category            text        not null,
    destroyed_at        timestamptz not null,
    erasure             uuid        not null,
    epochs              integer[]   not null,
    fingerprints        bytea[]     not null,
    unrecoverable_since timestamptz,
    primary key (record, category)
);
create index fence_recoverable on keyring.fence (destroyed_at) where unrecoverable_since is null;

-- Who may do what with which category; '*' is any.
create table keyring.role_right (
    role           name    not null,
    category       text    not null,
    may_make       boolean not null default false,
    may_open       boolean not null default false,
    may_hold       boolean not null default false,
    may_release    boolean not null default false,
    may_destroy    boolean not null default false,
    may_read_links boolean not null default false,
    primary key (role, category)
);
insert into keyring.role_right
    (role, category, may_make, may_open, may_hold, may_release, may_destroy, may_read_links)
values
    ('quotes',    'quote',          true,  true,  false, false, false, false),
    ('quotes',    'billing',        true,  false, true,  false, false, false),
    ('consent',   'consent',        true,  true,  false, false, false, false),
    ('consent',   'rights_request', true,  true,  false, false, false, false),
    ('billing',   'billing',        true,  true,  true,  true,  false, false),
    ('retention', '*',              false, false, false, false, true,  true);

insert into keyring.epoch (epoch, state, opened_at) values (1, 'open', now());

-- What goes in and out, many at a time.
create type keyring.record_asked as (record uuid, kind text, blind_index bytea, at timestamptz);
create type keyring.key_asked as
    (record uuid, category text, epoch integer, wrapped bytea, fingerprint bytea);
create type keyring.hold_asked as
    (record uuid, category text, reason text, until_on date, basis text);

-- migrate:down
drop schema keyring cascade;
