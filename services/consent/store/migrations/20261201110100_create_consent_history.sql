-- migrate:up
-- Why: an auditor reads every choice ever made, by record and by time.
set lock_timeout = '5s';

create table consent_history (
    record            uuid        not null,
    version           int         not null,
    event_id          uuid        not null,
    recorded_at       timestamptz not null,
    functional        boolean     not null,
    analytical        boolean     not null,
    advertisement     boolean     not null,
    marketing         boolean     not null,
    portfolio         boolean     not null,
    source            text        not null,
    notice_version    text        not null,
    language          text        not null,
    gpc               boolean     not null,
    changed           text[]      not null,
    refused_by_signal text[]      not null,
    constraint consent_history_pkey primary key (record, version)
);
-- Auditors page by time; the key is the same in the log, in Kafka and after a rebuild.
create unique index consent_history_by_time on consent_history (recorded_at, record, version);

grant select, insert, update, delete on consent_history to consent;
grant select on consent_history to operator;

-- migrate:down
