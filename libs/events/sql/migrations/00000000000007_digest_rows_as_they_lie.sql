-- migrate:up
-- A view's digest: how many rows there are, and the sums of two hashes of each row as it would be sent.
-- Why: writers wait while both views are compared. As text, hashed and sorted, a row costs seven times as
--      much. Sums need no order and no room; that two views differ and agree in both is chance alone.
set lock_timeout = '5s';

create or replace function digest_view(schema_name text, view_name text, out row_count bigint, out digest text)
    language plpgsql stable as $$
begin
    execute format(
        'select count(*), md5(concat_ws('' '', sum(hashbyteaextended(row_bytes, 0)), sum(hashbyteaextended(row_bytes, 1))))
         from (select record_send(one) as row_bytes from %I.%I as one offset 0) as sent',
        schema_name, view_name) into row_count, digest;
end $$;

-- migrate:down
