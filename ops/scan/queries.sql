-- What the scan asks of Postgres, and the control it plants there.

-- name: list_databases
-- Every database that can be connected to.
select datname from pg_database where datallowconn order by datname;

-- name: list_tables
-- Every table of a database, the system's own included (statistics hold samples of values).
select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where relkind = 'r' and relpersistence <> 't' order by nspname, relname;

-- name: list_files_aside
-- The files, below the cluster's folder, where this database keeps long values and their index.
select pg_relation_filepath(part) as path from pg_class as owner
    cross join lateral (
        select owner.reltoastrelid as part
        union all select indexrelid from pg_index where indrelid = owner.reltoastrelid
    ) as parts
where owner.reltoastrelid <> 0;

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
    compressed text,
    aside bytea storage external
);

-- name: plant_control
-- The control in one encoding.
insert into flux3d_scan_control (encoding, as_text, as_bytes, compressed, aside)
values ($1, $2, $3, $4, $5);

-- name: make_temporary_file
-- Keep the rows open for a reader; with so little memory they go into a temporary file.
set work_mem = '64kB';
declare flux3d_scan_control_file scroll cursor with hold for
    select as_bytes from flux3d_scan_control, generate_series(1, 100);

-- name: close_temporary_file
-- The reader is done, so the file goes.
close all;

-- name: drop_control
-- Take the control away.
drop table if exists flux3d_scan_control;
