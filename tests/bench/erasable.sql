-- What the benches of erasing and sweeping prepare on the server.

-- name: empty_outbox
-- What was prepared has long been sent.
delete from outbox;

-- name: lengthen
-- The first fact of these records again and again, up to a version.
insert into event (event_id, record, version, name, schema_version, recorded_at, correlation_id,
                   causation_id, traceparent, data)
select uuidv7(), record, number, name, schema_version, recorded_at, correlation_id,
       causation_id, traceparent, data
from event, generate_series(2, $2::int) as number
where record = any($1::uuid[]) and version = 1;

-- name: move_clocks_on
-- The view has seen these facts.
update clock set version = $2 where record = any($1::uuid[]);

-- name: analyze
-- What autovacuum would have found out by now.
vacuum analyze;
