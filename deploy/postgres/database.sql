-- One database and who may enter it. Variables: database, visitors (role names, comma-separated),
-- template (what it is a copy of).
\set ON_ERROR_STOP on

select format('create database %I owner flux3d_owner template %I', :'database', :'template')
where not exists (select from pg_database where datname = :'database')
\gexec

revoke all on database :"database" from public;
grant connect on database :"database" to :visitors;
