-- The statements of the log, the relay, the inbox and the effects, by name.

-- name: load_records
-- The facts of some records, oldest first.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event where record = any($1::uuid[]) order by record, version;

-- name: find_unknown
-- Those of some records that have no fact.
select given.record from unnest($1::uuid[]) as given (record)
where not exists (select from event where event.record = given.record);

-- name: append_events
-- Facts, their places in the outbox, their effects and the answers given, in one statement.
with kept as (
    insert into event (event_id, record, version, name, schema_version, recorded_at,
                       correlation_id, causation_id, traceparent, data)
    select event_id, record, version, name, schema_version, recorded_at,
           correlation_id, causation_id, traceparent, data
    from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::int[], $6::timestamptz[],
                $7::uuid[], $8::uuid[], $9::text[], $10::text[])
        with ordinality as given (event_id, record, version, name, schema_version, recorded_at,
                                  correlation_id, causation_id, traceparent, data, place)
    order by place
    returning position, event_id
), sent as (
    insert into outbox (position) select position from kept
), owed as (
    insert into effect (position, effect)
    select kept.position, given.effect
    from unnest($11::uuid[], $12::text[]) as given (event_id, effect) join kept using (event_id)
), answered as (
    insert into answer (scope, key_hash, fingerprint, status, body, answered_at)
    select * from unnest($13::text[], $14::bytea[], $15::bytea[], $16::int[], $17::text[], $18::timestamptz[])
)
select event_id, position from kept;

-- name: open_window
-- Up to which transaction everything is settled, and before which place the fresh facts begin.
with bound as (
    select pg_snapshot_xmin(pg_current_snapshot()) as upto
), fresh as (
    select event.position, event.record, event.version from event, bound
    where event.transaction_id >= $1::text::xid8 and event.transaction_id < bound.upto
), dragged as (
    select event.position from fresh join event
        on event.record = fresh.record and event.version < fresh.version, bound
    where event.transaction_id >= bound.upto
)
select bound.upto::text as upto,
       coalesce(least((select min(position) from fresh), (select min(position) from dragged)), 0) - 1 as before
from bound;

-- name: read_window
-- The settled facts of a window by place, each with those of its record that must come before it.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event as one
where position > $3 and (
    (transaction_id >= $1::text::xid8 and transaction_id < $2::text::xid8)
    or (transaction_id >= $2::text::xid8 and exists (
        select 1 from event as later
        where later.record = one.record and later.version > one.version
          and later.transaction_id >= $1::text::xid8 and later.transaction_id < $2::text::xid8)))
order by position limit $4;

-- name: end_when_silent
-- Let the server end this session, and what it has locked, when it asks nothing for so long.
select set_config('idle_session_timeout', $1, false);

-- name: elect_relay
-- Whether this session is now the only relay of the shard.
select pg_try_advisory_lock(hashtext('flux3d.relay'), $1::int);

-- name: begin_epoch
-- A new epoch, so that what an older relay still wants to delete is refused.
update relay_epoch set epoch = epoch + 1 where shard = $1 returning epoch;

-- name: commit_unhurried
-- Let this session's commits not wait for the disk: what a crash takes back of them is done again.
select set_config('synchronous_commit', 'off', false);

-- name: walk_indexes
-- Have this session, or this transaction, go by index, as what is known of a queue's size is always old.
-- And end it when it is left open: a frozen relay would hold up whoever reads onward in this cluster.
select set_config(name, setting, $1)
from (values ('enable_seqscan', 'off'), ('enable_bitmapscan', 'off'), ('enable_sort', 'off'),
             ('idle_in_transaction_session_timeout', '40s')) as given (name, setting);

-- name: read_outbox
-- What is to be sent next, in order, unless on hold or behind a refused fact of its record.
-- The fences (offset 0) let nothing begin with the log, however short the outbox is thought to be.
select position, event_id::text, record::text, version, name, schema_version,
       recorded_at at time zone 'utc', correlation_id::text, causation_id::text, traceparent, data
from outbox cross join lateral (
    select event_id, record, version, name, schema_version, recorded_at, correlation_id, causation_id,
           traceparent, data
    from event where event.position = outbox.position offset 0) as fact
where refused_reason is null
  and record <> all (array(
    select poison.record from outbox as stuck cross join lateral (
        select event.record from event where event.position = stuck.position offset 0) as poison
    where stuck.refused_reason is not null))
  and not exists (select from relay_epoch where shard = $2 and hold_asked_at is not null)
order by position limit $1;

-- name: delete_sent
-- Take out what Kafka acknowledged, unless a newer relay took over.
delete from outbox where position = any($1::bigint[])
  and exists (select 1 from relay_epoch where shard = $2 and epoch = $3) returning position;

-- name: refuse_sent
-- Mark a fact that Kafka will never take; its record waits behind it.
update outbox set refused_reason = $2 where position = $1;

-- name: measure_outbox
-- How many facts wait, how long the oldest has waited, and how many are refused.
select count(*) as waiting, count(*) filter (where refused_reason is not null) as refused,
       (select recorded_at from event where position = (select min(position) from outbox)) as oldest_at
from outbox;

-- name: claim_partitions
-- Become the owner of these partitions and learn where to go on.
insert into inbox_offset (topic, kafka_partition, next_offset, owner_epoch)
select topic, kafka_partition, 0, 1 from unnest($1::text[], $2::int[]) as given (topic, kafka_partition)
on conflict (topic, kafka_partition)
    do update set owner_epoch = inbox_offset.owner_epoch + 1
returning topic, kafka_partition, next_offset, owner_epoch;

-- name: lock_offsets
-- Where these partitions stand, held until the batch is kept, and whether hearing is stopped.
select topic, kafka_partition, next_offset, owner_epoch,
       exists (select from hearing_stop where resumed_at is null) as is_stopped
from inbox_offset
where (topic, kafka_partition) in (select * from unnest($1::text[], $2::int[]))
order by topic, kafka_partition for update;

-- name: move_offsets
-- Move partitions on, those that nobody else did.
update inbox_offset as one
set next_offset = given.next_offset, last_event_id = given.last_event_id, moved_at = now()
from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::uuid[])
    as given (topic, kafka_partition, start_offset, owner_epoch, next_offset, last_event_id)
where one.topic = given.topic and one.kafka_partition = given.kafka_partition
  and one.next_offset = given.start_offset and one.owner_epoch = given.owner_epoch
returning one.kafka_partition;

-- name: find_heard
-- How far each record was heard, and whether it waits behind a parked message.
select record, last_version, held_back from inbox_record
where topic = $1 and record = any($2::uuid[]);

-- name: note_heard
-- Remember how far each record was heard.
insert into inbox_record (topic, record, last_version, held_back)
select $1, record, last_version, held_back
from unnest($2::uuid[], $3::int[], $4::bool[]) as given (record, last_version, held_back)
on conflict (topic, record)
    do update set last_version = excluded.last_version, held_back = excluded.held_back;

-- name: park_messages
-- Set messages aside with where they came from and why.
insert into parked (topic, kafka_partition, kafka_offset, record, version, name, reason, detail,
                    key, value, headers, first_seen_at, last_seen_at)
select $1, $2, kafka_offset, record, version, name, reason, detail, key, value, headers::jsonb, $12, $12
from unnest($3::bigint[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[],
            $9::bytea[], $10::bytea[], $11::text[])
    as given (kafka_offset, record, version, name, reason, detail, key, value, headers)
on conflict (topic, kafka_partition, kafka_offset)
    do update set last_seen_at = excluded.last_seen_at, retries = parked.retries + 1,
                  reason = excluded.reason, detail = excluded.detail;

-- name: list_parked
-- What is parked, oldest first.
select parked_id, topic, kafka_partition, kafka_offset, record, version, name, reason, detail,
       first_seen_at, last_seen_at, retries
from parked where parked_id > $1 order by parked_id limit $2;

-- name: find_parked
-- One parked message, whole.
select * from parked where parked_id = $1;

-- name: lock_parked_of_record
-- A record's parked messages in the order of its facts; one of unknown place comes first.
select * from parked where topic = $1 and record = $2
order by version nulls first, kafka_offset for update;

-- name: delete_parked
-- Take parked messages out.
delete from parked where parked_id = any($1::bigint[]);

-- name: records_parked
-- The first parked message of each record, or the lone ones, for a reason or for any, after an id.
select min(parked_id) as parked_id from parked
where $1::text is null or reason = $1
group by topic, record, case when record is null then parked_id end
having min(parked_id) > $2 order by 1 limit $3;

-- name: list_drops
-- What was left out for good, by whom and why, oldest first.
select parked_id, topic, kafka_partition, kafka_offset, record, name, reason,
       dropped_because, dropped_by, dropped_at
from parked_drop where parked_id > $1 order by parked_id limit $2;

-- name: measure_parked_share
-- How many of a topic's last messages were parked for reasons of their own, evenly by partition.
with bounds as (
    select kafka_partition, next_offset,
           greatest(counted_from, next_offset - $2::int / count(*) over ()) as since
    from inbox_offset where topic = $1
)
select coalesce(sum(greatest(0, next_offset - since)), 0)::int as recent_messages,
       (select count(*) from parked join bounds as one using (kafka_partition)
        where parked.topic = $1 and kafka_offset >= one.since and kafka_offset < one.next_offset
          and reason <> $3)::int as parked_messages
from bounds;

-- name: note_hearing_stop
-- Remember that hearing stopped; the first reason counts.
insert into hearing_stop (topic, parked_messages, recent_messages, stopped_at)
values ($1, $2, $3, $4)
on conflict ((true)) where resumed_at is null
    do update set parked_messages = hearing_stop.parked_messages
returning topic, parked_messages, recent_messages, stopped_at;

-- name: find_hearing_stop
-- Why nothing is heard now.
select topic, parked_messages, recent_messages, stopped_at
from hearing_stop where resumed_at is null;

-- name: end_hearing_stop
-- Somebody has looked; hearing may go on.
update hearing_stop set resumed_at = $1, resumed_by = $2 where resumed_at is null
returning topic, parked_messages, recent_messages, stopped_at;

-- name: count_parked_anew
-- What was parked until now counts no more towards a stop.
update inbox_offset set counted_from = next_offset;

-- name: note_drop
-- Keep who dropped a message, and why.
insert into parked_drop (parked_id, topic, kafka_partition, kafka_offset, record, name, reason,
                         dropped_because, dropped_by, dropped_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: count_parked
-- How many messages are parked, by topic.
select topic, count(*) as messages from parked group by topic;

-- name: list_offsets
-- Where every partition stands.
select topic, kafka_partition, next_offset, moved_at from inbox_offset order by topic, kafka_partition;

-- name: claim_effects
-- Effects that are to be carried out now, leased to this worker for a while.
-- A lease does not wait for the disk: where a crash takes it back, its effect is claimed again.
update effect set not_before = now() + make_interval(secs => $2), attempts = attempts + 1
where (position, effect) in (
    select position, effect from effect where not_before <= now()
    order by position limit $1 for update skip locked)
  and (select set_config('synchronous_commit', 'off', true)) = 'off'
returning position, effect, attempts;

-- name: load_positions
-- The facts at these places.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event where position = any($1::bigint[]);

-- name: delete_effects
-- These effects were carried out.
delete from effect using unnest($1::bigint[], $2::text[]) as done (position, effect)
where effect.position = done.position and effect.effect = done.effect;

-- name: postpone_effect
-- The effect failed; try again after a while.
update effect set not_before = now() + make_interval(secs => $3), last_error = $4
where position = $1 and effect = $2;

-- name: count_effects
-- How many effects are still to be carried out.
select count(*) from effect;

-- name: forget_answers
-- Answers whose time is over.
delete from answer where answered_at < $1;

-- name: make_shadow
-- An empty twin of a view in a schema of its own.
select make_shadow($1);

-- name: use_shadow
-- From here to the end of the transaction, the view's name means its shadow.
select set_config('search_path', shadow_schema($1) || ', public', true);

-- name: use_live
-- From here on, the view's name means the live view again.
select set_config('search_path', 'public', true);

-- name: digest_live
-- Rows and digest of the live view.
select row_count, digest from digest_view('public', $1);

-- name: digest_shadow
-- Rows and digest of its shadow.
select row_count, digest from digest_view(shadow_schema($1), $1);

-- name: differing_rows
-- The keys of the first rows in which the live view and its shadow differ.
select side, row_key from differing_rows($1, $2);

-- name: lock_view
-- Keep writers out of a view until the end of the transaction.
select lock_view($1);

-- name: lock_view_to_switch
-- Keep everybody out of a view until the end of the transaction.
select lock_view_to_switch($1);

-- name: switch_view
-- Put the shadow in the place of the live view.
select switch_view($1);

-- name: drop_shadow
-- Remove the shadow of a view.
select drop_shadow($1);

-- name: settled_transaction
-- The oldest transaction that may still be under way.
select pg_snapshot_xmin(pg_current_snapshot())::text;

-- name: count_unsent_before
-- How many facts of settled transactions Kafka has not acknowledged yet.
select count(*) from outbox join event using (position) where transaction_id < $1::text::xid8;

-- name: read_since
-- Every visible fact since a transaction, by place.
select position, event_id, record, version, name, schema_version, recorded_at,
       correlation_id, causation_id, traceparent, data
from event where transaction_id >= $1::text::xid8 order by position;

-- name: newest_fact
-- When the last fact was recorded.
select recorded_at from event order by position desc limit 1;

-- name: knows_record
-- Whether the log holds a fact of the record.
select exists (select from event where record = $1);
