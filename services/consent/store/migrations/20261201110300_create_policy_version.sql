-- migrate:up
-- Why: everyone can see which policy was in force, since when, with its digest.
set lock_timeout = '5s';

create table policy_version (
    record         uuid        not null,
    version        int         not null,
    event_id       uuid        not null,
    policy_version text        not null,
    effective_on   date        not null,
    digest_sha256  text        not null,
    published_at   timestamptz not null,
    constraint policy_version_pkey primary key (record, version)
);

grant select, insert, update, delete on policy_version to consent;
grant select on policy_version to operator;

-- migrate:down
