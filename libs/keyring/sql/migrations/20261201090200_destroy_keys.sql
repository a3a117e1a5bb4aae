-- Why: retention alone destroys, under the lock that making and holding take; what is left of a
-- record is its fence. Operators see what exists and since when, never a key or whose it is.
-- migrate:up
set lock_timeout = '5s';

-- Locks the record and its subject, the subject first, and gives back the subject.
create function keyring.lock_for_destruction(doomed uuid) returns uuid
language plpgsql set search_path = keyring, pg_temp as $$
declare
    linked uuid;
    found_linked uuid;
begin
    loop
        select r.subject into linked from record r where r.record = doomed;
        perform from subject s where s.subject = linked for update;
        select r.subject into found_linked from record r where r.record = doomed for update;
        exit when found_linked is not distinct from linked;  -- else it was linked while we waited
    end loop;
    return linked;
end $$;

-- Forgets whose the record is, and the subject with the last of their records.
create function keyring.forget_subject(forgotten uuid, linked uuid, at timestamptz) returns void
language plpgsql set search_path = keyring, pg_temp as $$
begin
    update record r set subject = null, forgotten_at = at
    where r.record = forgotten and r.forgotten_at is null;
    delete from subject s
    where s.subject = linked and not exists (select from record r where r.subject = linked);
end $$;

-- Destroys every key of the record that no hold keeps; the fence stands before a key falls.
-- Gives one line per destroyed category and one per unreleased hold, the same when asked again.
create function keyring.destroy(doomed uuid, by_erasure uuid, at timestamptz)
returns table (category text, destroyed_at timestamptz, erasure uuid, reason text, basis text,
               until_on date)
language plpgsql security definer
set search_path = keyring, pg_temp set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    linked uuid;
begin
    perform check_right('destroy', array['*']);
    insert into record (record, kind, erased_at, erasure) values (doomed, 'unknown', at, by_erasure)
    on conflict (record) do nothing;
    linked := lock_for_destruction(doomed);
    update record r set erased_at = at, erasure = by_erasure
    where r.record = doomed and r.erased_at is null;

    insert into fence (record, category, destroyed_at, erasure, epochs, fingerprints)
    select doomed, d.category, at, by_erasure, array_agg(distinct d.epoch), array_agg(d.fingerprint)
    from data_key d
    where d.record = doomed and not exists (
        select from hold h where h.record = doomed and h.category = d.category
                             and h.released_at is null)
    group by d.category;
    update data_key d set wrapped = decode(repeat('00', 60), 'hex')
    from fence f where f.record = d.record and f.category = d.category and d.record = doomed;
    delete from data_key d
    using fence f where f.record = d.record and f.category = d.category and d.record = doomed;
    if not exists (select from data_key d where d.record = doomed) then
        perform forget_subject(doomed, linked, at);
    end if;

    return query
    select f.category, f.destroyed_at, f.erasure, null::text, null::text, null::date
    from fence f where f.record = doomed
    union all
    select h.category, null, null, h.reason, h.basis, h.until_on
    from hold h
    where h.record = doomed and h.released_at is null
      and exists (select from data_key d where d.record = doomed and d.category = h.category)
    order by 1, 4;
end $$;

-- Every record of the subject with this blind index, oldest link first.
create function keyring.records_of(index_wanted bytea) returns table (record uuid, kind text)
language plpgsql stable security definer set search_path = keyring, pg_temp as $$
#variable_conflict use_column
begin
    perform check_right('read links', array['*']);
    return query
    select r.record, r.kind from subject s join record r on r.subject = s.subject
    where s.blind_index = index_wanted order by r.linked_at, r.record;
end $$;

-- Every record of the subject of this record, itself included, oldest link first.
create function keyring.records_with(known uuid) returns table (record uuid, kind text)
language plpgsql stable security definer set search_path = keyring, pg_temp as $$
#variable_conflict use_column
begin
    perform check_right('read links', array['*']);
    return query
    select r.record, r.kind from record k join record r on r.subject = k.subject
    where k.record = known order by r.linked_at, r.record;
end $$;

-- The newest record of that kind of the subject, if it has a key that the caller may open.
create function keyring.find_record(index_wanted bytea, kind_wanted text) returns uuid
language sql stable security definer set search_path = keyring, pg_temp as $$
    select r.record
    from subject s
    join record r on r.subject = s.subject and r.kind = kind_wanted
    where s.blind_index = index_wanted
      and exists (select from role_right g
                  where g.role = session_user
                    and (g.may_read_links
                         or g.may_open and exists (
                             select from data_key d
                             where d.record = r.record and d.category = g.category)))
    order by r.linked_at desc, r.record desc
    limit 1
$$;

-- What operators may see: what exists, since when and under which epoch; no key, no subject.
create view keyring.key_list as
    select record, category, revision, epoch, made_at, made_by from keyring.data_key;
create view keyring.record_list as
    select record, kind, linked_at, forgotten_at, erased_at, erasure from keyring.record;
create view keyring.fence_list as
    select record, category, destroyed_at, erasure, epochs, unrecoverable_since from keyring.fence;

revoke all on all functions in schema keyring from public;
grant usage on schema keyring to retention, operator;
grant execute on function keyring.destroy, keyring.records_of, keyring.records_with to retention;
grant execute on function keyring.find_record to quotes, consent, billing, retention;
grant select on keyring.key_list, keyring.record_list, keyring.fence_list, keyring.hold,
    keyring.epoch, keyring.role_right to operator;

-- migrate:down
drop view keyring.fence_list, keyring.record_list, keyring.key_list;
drop function keyring.find_record, keyring.records_with, keyring.records_of, keyring.destroy,
    keyring.forget_subject, keyring.lock_for_destruction;
