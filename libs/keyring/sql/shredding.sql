-- The steps of a shred round, as its migration defines them; each is one transaction.

-- name: lock_out_others
-- Lets one process at a time carry a round on; held while its connection is.
select pg_try_advisory_lock(hashtext('keyring.shred'));

-- name: begin_round
-- The round under way, or a new one, or no row when nothing is recoverable.
select round, state, epoch, begun_at, destroyed_at, keys_to_rewrap, keys_rewrapped, backup,
       backup_digest
from keyring.begin_shred_round($1::uuid, $2::timestamptz);

-- name: open_epoch
-- Closes the open epoch and opens the round's.
select keyring.open_epoch($1::uuid, $2::timestamptz);

-- name: list_keys_to_rewrap
-- Some wrapped keys that are still under a closing epoch.
select record, category, revision, epoch, wrapped, fingerprint
from keyring.keys_to_rewrap($1::uuid, $2::int);

-- name: rewrap_keys
-- Puts keys back, wrapped under the open epoch.
select keyring.rewrap_keys($1::uuid, $2::keyring.key_rewrapped[]);

-- name: note_rewrapped
-- Nothing is left under a closing epoch.
select keyring.note_rewrapped($1::uuid, $2::timestamptz);

-- name: note_backup
-- A backup was taken and read back.
select keyring.note_backup($1::uuid, $2::text, $3::text, $4::timestamptz);

-- name: list_epochs_to_destroy
-- The epochs whose keys are to be destroyed now.
select epoch from keyring.epochs_to_destroy($1::uuid) as epoch;

-- name: note_destroyed
-- The keys of the closing epochs are gone; gives the moment since when.
select keyring.note_destroyed($1::uuid, $2::timestamptz);

-- name: list_erasures_of_round
-- The erasures whose keys are all unrecoverable since this round.
select erasure from keyring.erasures_of_round($1::uuid) as erasure;

-- name: note_told
-- It was said who is unrecoverable since when.
select keyring.note_told($1::uuid, $2::timestamptz);

-- name: read_status
-- The newest round, and what is destroyed but still recoverable.
select (newest).round, (newest).state, (newest).epoch, (newest).begun_at, (newest).destroyed_at,
       (newest).keys_to_rewrap, (newest).keys_rewrapped, (newest).backup, (newest).backup_digest,
       recoverable, oldest_at
from keyring.shred_status();

-- name: export_snapshot
-- The name under which another session sees the keyring exactly as this one does.
select pg_export_snapshot();

-- name: list_tables
-- The tables that a keyring backup must hold.
select tablename::text from pg_tables where schemaname = 'keyring' order by tablename;
