-- Drop a database that was made for one test, even when someone is still connected to it.
\set ON_ERROR_STOP on
drop database if exists :"database" with (force);
