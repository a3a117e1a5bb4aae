-- Fresh ground for a slice of quotes. The log forbids this to everyone but the bench's superuser.
\connect quotes
set session_replication_role = replica;
truncate event, outbox, effect, answer, quote_status;
\connect keyring
set session_replication_role = replica;
truncate keyring.data_key, keyring.hold, keyring.record, keyring.subject, keyring.fence;
checkpoint;
