-- migrate:up
-- Why: a visitor reads what counts for them now; no row names a person.
set lock_timeout = '5s';

create table choice_now (
    record            uuid primary key,
    version           int         not null,
    event_id          uuid        not null,
    chosen_at         timestamptz not null,
    functional        boolean     not null,
    analytical        boolean     not null,
    advertisement     boolean     not null,
    marketing         boolean     not null,
    portfolio         boolean     not null,
    source            text        not null,
    notice_version    text        not null,
    language          text        not null,
    gpc               boolean     not null,
    refused_by_signal text[]      not null
);

grant select, insert, update, delete on choice_now to consent;
grant select on choice_now to operator;

-- migrate:down
