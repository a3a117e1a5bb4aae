-- What the scan asks of Postgres, and the control it plants there.

-- name: list_databases
-- Every database that can be connected to.
select datname from pg_database where datallowconn order by datname;

-- name: list_tables
-- Every table of a database, the system's own included (statistics hold samples of values).
select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where relkind = 'r' and relpersistence <> 't' order by nspname, relname;

-- name: show_wal_compression
-- Whether page images in the WAL are compressed, which would hide bytes from a raw search.
select setting from pg_settings where name = 'wal_compression';

-- name: write_pages
-- Put every changed page on the disk.
checkpoint;

-- name: make_control
-- A place for the control; nothing of it may be compressed but the column that is to be.
create table flux3d_scan_control (
    encoding text not null,
    as_text text,
    as_bytes bytea,
    compressed text
);

-- name: plant_control
-- The control in one encoding.
insert into flux3d_scan_control (encoding, as_text, as_bytes, compressed) values ($1, $2, $3, $4);

-- name: drop_control
-- Take the control away.
drop table if exists flux3d_scan_control;
