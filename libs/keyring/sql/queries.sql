-- The keyring's doors in Postgres; what each does, and who may, stands in the migrations.

-- name: make_keys
-- Makes the missing keys of many records and gives back those asked for, each with its outcome.
select record, category, outcome, revision, epoch, wrapped, may_open
from keyring.make_keys(
    $1::keyring.record_asked[], $2::keyring.key_asked[], $3::keyring.hold_asked[]);

-- name: open_keys
-- Gives the newest wrapped key of each (record, category), or since when it is destroyed.
select record, category, revision, epoch, wrapped, destroyed_at
from keyring.open_keys($1::uuid[], $2::text[]);

-- name: place_hold
-- Keeps a category of a record from destruction.
select keyring.place_hold($1::keyring.hold_asked, $2::timestamptz);

-- name: release_hold
-- Ends a hold.
select keyring.release_hold($1::uuid, $2::text, $3::text, $4::timestamptz);

-- name: list_provisional_holds
-- Lists the caller's own holds without a last day that were placed before a moment, oldest first.
select record, category, reason, placed_at
from keyring.provisional_holds($1::text, $2::timestamptz, $3::integer);

-- name: take_back_hold
-- Ends a provisional hold of the caller's own, if nothing was placed there since.
select keyring.take_back_hold($1::uuid, $2::text, $3::text, $4::timestamptz, $5::timestamptz);

-- name: list_records_made
-- Lists a page of the living records that the caller made a key of before a moment.
select record from keyring.records_made($1::uuid, $2::timestamptz, $3::integer) as record;

-- name: destroy_keys
-- Destroys what no hold keeps and tells what became of the records.
select record, category, destroyed_at, erasure, reason, basis, until_on
from keyring.destroy($1::uuid[], $2::uuid, $3::timestamptz);

-- name: list_records_of
-- Lists the records of the subject with this blind index.
select record, kind from keyring.records_of($1::bytea);

-- name: list_records_with
-- Lists the records of the subject of this record.
select record, kind from keyring.records_with($1::uuid);

-- name: find_record
-- Finds the newest record of that kind of the subject with this blind index.
select keyring.find_record($1::bytea, $2::text);

-- name: count_records
-- Counts the records of that kind of the subject with this blind index, linked after a moment.
select keyring.count_records($1::bytea, $2::text, $3::timestamptz);
