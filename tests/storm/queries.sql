-- What the storm reads of every store, and how it cuts connections; nothing here writes.

-- name: read_log
-- Every fact of a log without its content; the trace joins it to the client that caused it.
select position, event_id::text as event_id, record::text as record, version, name,
       causation_id::text as causation_id, split_part(traceparent, '-', 2) as trace, recorded_at
from event order by position;

-- name: read_erasing
-- The facts that say what an erasure did.
select event_id::text as event_id, record::text as record, name, data
from event where name in ('RecordErased', 'RecordHeld')
order by position;

-- name: read_scrubbed
-- At which version this owner answered for which categories of a record.
select record::text as record, version,
       jsonb_array_elements_text(data::jsonb -> 'categories') as category
from event where name = 'RecordScrubbed';

-- name: read_terms
-- Every term that began.
select record::text as record, version, data::jsonb ->> 'category' as category,
       causation_id::text as cause, (data::jsonb ->> 'due_at')::timestamptz as due_at
from event where name = 'ClockStarted' order by position;

-- name: read_anchors
-- What terms count from: the moment a fact was recorded, or the moment or day that it names.
select event_id::text as event_id, name, recorded_at,
       (data::jsonb ->> 'received_at')::timestamptz as at,
       coalesce(data::jsonb ->> 'delivered_on', data::jsonb ->> 'until_on',
                data::jsonb ->> 'due_on')::date as "on"
from event
where name in ('QuoteRequested', 'QuoteOffered', 'QuoteDeclined', 'QuoteExpired', 'QuoteAccepted',
               'ProjectCompleted', 'ConsentChanged', 'RightsRequestReceived', 'ErasureRequested',
               'InvoiceHoldPlaced', 'InvoiceHoldReleased');

-- name: read_called
-- Everything that was called due.
select record::text as record, version, data::jsonb ->> 'category' as category,
       recorded_at as at
from event where name = 'RecordDue';

-- name: read_order_holds
-- Until when the law keeps an order, and when it was let go.
select record::text as record, version, (data::jsonb ->> 'until_on')::date as until_on,
       case when name = 'InvoiceHoldReleased' then recorded_at end as released_at
from event where name in ('InvoiceHoldPlaced', 'InvoiceHoldReleased') order by position;

-- name: read_choices
-- Every choice.
select record::text as record, version, (data::jsonb ->> 'functional')::boolean as functional,
       (data::jsonb ->> 'analytical')::boolean as analytical,
       (data::jsonb ->> 'advertisement')::boolean as advertisement,
       (data::jsonb ->> 'marketing')::boolean as marketing,
       (data::jsonb ->> 'portfolio')::boolean as portfolio
from event where name = 'ConsentChanged';

-- name: read_choices_now
-- What each visitor's choices are now, by the view.
select record::text as record, version, functional, analytical, advertisement, marketing, portfolio
from choice_now;

-- name: read_heard
-- How far each record was heard.
select topic, record::text as record, last_version, held_back from inbox_record;

-- name: read_parked
-- Every message set aside, and where it came from.
select topic, kafka_partition as partition, kafka_offset as offset,
       reason || ': ' || detail as reason
from parked;

-- name: read_offsets
-- How far each partition was taken in.
select topic, kafka_partition as partition, next_offset from inbox_offset;

-- name: count_waiting
-- What was not sent or carried out yet.
select (select count(*) from outbox) as outbox, (select count(*) from effect) as effects;

-- name: count_due
-- What the sweep has still to look at by an instant.
select count(*) from clock where sweep_at <= $1;

-- name: count_ended_offers
-- Offers that were valid until a day before this one.
select count(*) from quote_status
where stage = 'offered' and valid_until_on < $1 and quote_erased_at is null;

-- name: read_quote_status
-- The version that each row of the view was folded to, and whether a box lies in it.
select record::text as record, version, details is not null as has_box from quote_status;

-- name: read_choice_now
-- The version that each row of the view was folded to.
select record::text as record, version, false as has_box from choice_now;

-- name: read_consent_history
-- Every row of the history.
select record::text as record, version, false as has_box from consent_history;

-- name: read_rights_request
-- The version that each row of the view was folded to, and whether a box lies in it.
select record::text as record, version, requester is not null as has_box from rights_request;

-- name: read_order_register
-- The orders, and whether a box lies in them.
select record::text as record, version, party is not null as has_box from order_register;

-- name: read_clock
-- What retention says of each category.
select record::text as record, category, state from clock;

-- name: read_erasure_progress
-- Which erasures are completed, and their certificates.
select erasure::text as erasure, completed_at is not null as completed, certificate,
       records::text[] as records
from erasure_progress where begun_at is not null;

-- name: read_keys
-- Which keys there are; not the keys.
select record::text as record, category from keyring.data_key;

-- name: read_begun
-- Every record of which something was said.
select record::text as record from event where version = 1;

-- name: read_holds
-- What is held.
select record::text as record, category from keyring.hold where released_at is null;

-- name: cut_backends
-- End the other connections of this role.
select count(*) filter (where pg_terminate_backend(pid)) as cut
from pg_stat_activity where usename = current_user and pid <> pg_backend_pid();

-- name: cut_relay
-- End the connection that holds the relay's lock in this database.
select count(*) filter (where pg_terminate_backend(pid)) as cut
from pg_locks
where locktype = 'advisory' and granted
  and database = (select oid from pg_database where datname = current_database())
  and classid = case when hashtext('flux3d.relay') < 0
                     then (hashtext('flux3d.relay')::bigint + 4294967296)::oid
                     else hashtext('flux3d.relay')::oid end;
