-- migrate:up
-- The log of one service, what waits to be sent, what was heard, and what is still to be done outside.
set lock_timeout = '5s';

create table event (
    position bigint generated always as identity primary key,
    event_id uuid not null constraint event_id_is_unique unique,
    record uuid not null,
    version int not null constraint event_version_is_positive check (version > 0),
    name text not null,
    schema_version int not null,
    recorded_at timestamptz not null,
    correlation_id uuid not null,
    causation_id uuid,
    traceparent text,
    data text not null,
    transaction_id xid8 not null default pg_current_xact_id(),
    constraint event_version_is_unique unique (record, version)
);
create index event_by_transaction on event (transaction_id, position);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'events are never changed or deleted';
end $$;
create trigger event_is_never_changed before update or delete or truncate on event
    for each statement execute function refuse_change();

create table outbox (
    position bigint primary key,
    refused_reason text
);

create table relay_epoch (
    shard int primary key,
    epoch bigint not null
);
insert into relay_epoch (shard, epoch) values (0, 0);

create table effect (
    position bigint not null,
    effect text not null,
    not_before timestamptz not null default now(),
    attempts int not null default 0,
    last_error text,
    primary key (position, effect)
);
create index effect_by_time on effect (not_before);

create table answer (
    scope text not null,
    key_hash bytea not null,
    fingerprint bytea not null,
    status int not null,
    body text not null,
    answered_at timestamptz not null,
    primary key (scope, key_hash)
);
create index answer_by_time on answer (answered_at);

create table inbox_offset (
    topic text not null,
    kafka_partition int not null,
    next_offset bigint not null,
    owner_epoch bigint not null,
    last_event_id uuid,
    moved_at timestamptz not null default now(),
    primary key (topic, kafka_partition)
);

create table inbox_record (
    topic text not null,
    record uuid not null,
    last_version int not null,
    held_back boolean not null default false,
    primary key (topic, record)
);

create table parked (
    parked_id bigint generated always as identity primary key,
    topic text not null,
    kafka_partition int not null,
    kafka_offset bigint not null,
    record uuid,
    version int,
    name text,
    reason text not null,
    detail text not null,
    key bytea,
    value bytea,
    headers jsonb not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    retries int not null default 0,
    constraint parked_once unique (topic, kafka_partition, kafka_offset)
);
create index parked_by_record on parked (topic, record, kafka_offset);

create table parked_drop (
    parked_id bigint primary key,
    topic text not null,
    kafka_partition int not null,
    kafka_offset bigint not null,
    record uuid,
    name text,
    reason text not null,
    dropped_because text not null,
    dropped_by text not null,
    dropped_at timestamptz not null
);

do $$
declare
    service name := split_part(current_database(), '_', 1);
begin
    execute format('grant select, insert on event, parked_drop to %I', service);
    execute format('grant usage on all sequences in schema public to %I', service);
    execute format('grant select, insert, update, delete on outbox, effect, answer, inbox_offset, inbox_record, parked to %I', service);
    execute format('grant select, update on relay_epoch to %I', service);
    grant select on event, outbox, effect, inbox_offset, inbox_record, parked, parked_drop, relay_epoch to operator;
end $$;

-- migrate:down
