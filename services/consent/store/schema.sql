-- The present of what consent keeps besides the log: the sum of migrations/.
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

create table rights_request (
    record       uuid primary key,
    version      int         not null,
    event_id     uuid        not null,
    stage        text        not null constraint rights_request_stage_is_known check (stage in
        ('received', 'confirmed', 'completed')),
    "right"      text        not null,
    language     text        not null,
    received_at  timestamptz not null,
    due_on       date        not null,
    confirmed_at timestamptz,
    completed_at timestamptz,
    answered_at  timestamptz,
    told         boolean,
    erasure      uuid,
    erased       jsonb       not null,
    held         jsonb       not null,
    requester    bytea,
    erased_at    timestamptz,
    constraint rights_request_erased_is_blank check (erased_at is null or requester is null)
);
-- Requests still to be answered, the most urgent first.
create index rights_request_by_due on rights_request (due_on, record) where answered_at is null;

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
