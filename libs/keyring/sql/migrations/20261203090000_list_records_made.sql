-- migrate:up
set lock_timeout = '5s';

-- A page, by id, of the living records of which the caller made a first key before a moment.
-- Why: a process that dies between making a key and keeping its first fact leaves the key behind;
--      who made it compares this list with its log.
create function keyring.records_made(after uuid, made_before timestamptz, at_most integer)
returns setof uuid
language sql stable security definer
set search_path = keyring, pg_temp set enable_seqscan = off set enable_sort = off as $$
    select d.record from data_key d
    where d.record > after and d.made_by = session_user
      and exists (select from record r where r.record = d.record and r.erased_at is null)
    group by d.record having min(d.made_at) < made_before
    order by d.record limit at_most
$$;

revoke all on function keyring.records_made from public;
grant execute on function keyring.records_made to quotes, consent, billing;

-- migrate:down
