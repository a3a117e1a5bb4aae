-- Whether a database is there: prints its name or nothing. Variable: database.
\set ON_ERROR_STOP on
select datname from pg_database where datname = :'database';
