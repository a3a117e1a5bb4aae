-- So many quotes as if they had come in long ago. Variables: kept, data (of the fact), details (hex).
-- The boxes and wrapped keys are all the same bytes: nobody opens them here.
\set ON_ERROR_STOP on
\connect quotes
set session_replication_role = replica;
insert into event (event_id, record, version, name, schema_version, recorded_at, correlation_id, data)
select uuidv7(), (lpad(to_hex(1577836800000 + number), 12, '0') || '7000' || '8' || left(md5(number::text), 15))::uuid,
       1, 'QuoteRequested', 1, now(), uuidv7(), :'data'
from generate_series(1, :kept) as number;
insert into quote_status (record, version, stage, language, requested_at, last_contact_at, details)
select record, 1, 'requested', 'en', recorded_at, recorded_at, decode(:'details', 'hex')
from event order by position;
insert into answer (scope, key_hash, fingerprint, status, body, answered_at)
select 'POST /api/quotes', sha256(uuid_send(event_id)), sha256(uuid_send(record)), 201,
       json_build_object('id', record, 'stage', 'requested')::text, recorded_at
from event order by position;
vacuum analyze;
\connect keyring
set session_replication_role = replica;
create temporary table given as
select (lpad(to_hex(1577836800000 + number), 12, '0') || '7000' || '8' || left(md5(number::text), 15))::uuid as record
from generate_series(1, :kept) as number;
insert into keyring.subject (subject, blind_index)
select record, sha256(uuid_send(record)) from given;
insert into keyring.record (record, kind, subject, linked_at)
select record, 'quote', record, now() from given;
insert into keyring.data_key (record, category, epoch, wrapped, fingerprint, made_at, made_by)
select record, 'quote', (select epoch from keyring.epoch where state = 'open'),
       decode(repeat('5a', 60), 'hex'), sha256(uuid_send(record)), now(), 'quotes'
from given;
drop table given;
vacuum analyze;
checkpoint;
