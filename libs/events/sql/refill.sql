-- Holding the relay, filling the outbox from the log, and hearing a topic from its beginning.

-- name: ask_hold
-- The relay is to send nothing until it is let go.
update relay_epoch set hold_asked_at = now() where shard = $1 and hold_asked_at is null;

-- name: read_hold
-- Since when the relay is asked to hold, and since when it does.
select hold_asked_at, held_at from relay_epoch where shard = $1;

-- name: note_held
-- The relay sends nothing any more, and nothing it sent is under way.
update relay_epoch set held_at = now()
where shard = $1 and epoch = $2 and hold_asked_at is not null and held_at is null;

-- name: end_hold
-- The relay may send again.
update relay_epoch set hold_asked_at = null, held_at = null where shard = $1;

-- name: fill_outbox
-- Every fact of the log is to be sent again; how many were not waiting already.
with put as (
    insert into outbox (position) select position from event
    on conflict (position) do nothing returning position
)
select count(*) from put;

-- name: begin_offsets_anew
-- Hear the topic from its beginning; whoever holds a partition now has lost it.
update inbox_offset
set next_offset = 0, owner_epoch = owner_epoch + 1, last_event_id = null, moved_at = now()
where topic = $1 returning kafka_partition;

-- name: note_parked_of_lost_topic
-- Keep that these were parked: their places are gone with the topic, their facts come again.
insert into parked_drop (parked_id, topic, kafka_partition, kafka_offset, record, name, reason,
                         dropped_because, dropped_by, dropped_at)
select parked_id, topic, kafka_partition, kafka_offset, record, name, reason, $2, $3, $4
from parked where topic = $1;

-- name: delete_parked_of_topic
-- Take them out; what is a fact comes again and is weighed anew.
delete from parked where topic = $1;

-- name: let_records_go_on
-- No record waits behind a parked message of this topic any more.
update inbox_record set held_back = false where topic = $1 and held_back;

-- name: find_last_heard
-- The event that was taken in last, where it is known.
select topic, kafka_partition, last_event_id from inbox_offset
where (topic, kafka_partition) in (select * from unnest($1::text[], $2::int[]))
  and last_event_id is not null and next_offset > 0;

-- name: find_lost
-- Those of some events that the log lacks.
select given.event_id from unnest($1::uuid[]) as given (event_id)
where not exists (select from event where event.event_id = given.event_id);

-- name: find_last_versions
-- How far the log goes for each of some records that it knows.
select record, max(version) as last_version from event where record = any($1::uuid[]) group by record;

-- name: leave_unsent
-- These are not to be sent: the topic has them.
delete from outbox where position = any($1::bigint[]);
