-- migrate:up
set lock_timeout = '5s';

-- How many records of that kind were linked to the subject with this blind index after a moment.
-- Why: how often somebody asked is known by the links alone, so no door has to keep an address for it.
create function keyring.count_records(index_wanted bytea, kind_wanted text, linked_after timestamptz)
returns bigint
language sql stable security definer
set search_path = keyring, pg_temp as $$
    select count(*)
    from subject s
    join record r on r.subject = s.subject and r.kind = kind_wanted
    where s.blind_index = index_wanted and r.linked_at > linked_after
      and exists (select from data_key d
                  join role_right g on g.category = d.category
                  where d.record = r.record and g.role = session_user and g.may_open)
$$;

revoke all on function keyring.count_records from public;
grant execute on function keyring.count_records to consent;

-- migrate:down
