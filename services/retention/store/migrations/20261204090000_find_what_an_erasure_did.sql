-- Why: what became of a record is found without reading its whole past, however long that is.
-- migrate:up
set lock_timeout = '5s';
create index event_of_destruction on event (record, version)
    where name in ('RecordErased', 'RecordHeld');

-- migrate:down
