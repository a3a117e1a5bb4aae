-- Ground for the relay: a log with facts, and an outbox in which as many of them wait as are wanted.

-- name: fill_outbox
-- The first facts of the log wait to be sent, as after the loss of a topic.
insert into outbox (position) select position from event order by position limit $1;

-- name: empty_outbox
-- Nothing waits.
truncate outbox;

-- name: tidy
-- What autovacuum would have seen to while the facts came one by one.
vacuum analyze event;

-- name: count_facts
-- How many facts there are.
select count(*) from event;

-- name: read_facts
-- Facts as they lie in the log.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event order by position limit $1;

-- name: newest_versions
-- How far each record goes.
select record, max(version) as version from event group by record;
