-- Why: an erasure may name very many records. One statement locks them all in the one order and
-- destroys in one commit; a record alone is a list of one.
-- migrate:up
set lock_timeout = '5s';

drop function keyring.destroy(uuid, uuid, timestamptz), keyring.lock_for_destruction(uuid),
    keyring.forget_subject(uuid, uuid, timestamptz);

-- Locks the records and their subjects, the subjects first, and gives back the subjects.
create function keyring.lock_for_destruction(doomed uuid[]) returns uuid[]
language plpgsql
set search_path = keyring, pg_temp set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
    linked uuid[];
    found_linked uuid[];
begin
    loop
        linked := array(select distinct r.subject from record r
                        where r.record = any (doomed) and r.subject is not null order by 1);
        perform from subject s where s.subject = any (linked) order by s.blind_index for update;
        perform from record r where r.record = any (doomed) order by r.record for update;
        found_linked := array(select distinct r.subject from record r
                              where r.record = any (doomed) and r.subject is not null order by 1);
        exit when found_linked = linked;  -- else one was linked while we waited
    end loop;
    return linked;
end $$;

-- Forgets whose those records are that have no key left, and each subject with its last record.
create function keyring.forget_subjects(forgotten uuid[], linked uuid[], at timestamptz)
returns void
language plpgsql
set search_path = keyring, pg_temp set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
    update record r set subject = null, forgotten_at = at
    where r.record = any (forgotten) and r.forgotten_at is null
      and not exists (select from data_key d where d.record = r.record);
    delete from subject s
    where s.subject = any (linked)
      and not exists (select from record r where r.subject = s.subject);
end $$;

-- Destroys every key of the records that no hold keeps; the fence stands before a key falls. An
-- epoch cannot change meanwhile; the fence names every living epoch, because a round may have
-- written the key under the next one although that was never committed; the moment lies after that
-- of every round which cannot have covered it.
-- Gives one line per destroyed category and one per unreleased hold, the same when asked again.
create function keyring.destroy(doomed uuid[], by_erasure uuid, at timestamptz)
returns table (record uuid, category text, destroyed_at timestamptz, erasure uuid, reason text,
               basis text, until_on date)
language plpgsql security definer
set search_path = keyring, pg_temp set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    linked uuid[];
    living integer[];
begin
    perform check_right('destroy', array['*']);
    perform lock_open_epoch();
    living := array(select e.epoch from epoch e where e.state <> 'destroyed' order by e.epoch);
    at := greatest(at, (select max(e.destroyed_at) + interval '1 microsecond' from epoch e));
    insert into record (record, kind, erased_at, erasure)
    select distinct d, 'unknown', at, by_erasure from unnest(doomed) as d order by d
    on conflict (record) do nothing;
    linked := lock_for_destruction(doomed);
    update record r set erased_at = at, erasure = by_erasure
    where r.record = any (doomed) and r.erased_at is null;

    insert into fence (record, category, destroyed_at, erasure, epochs, fingerprints)
    select d.record, d.category, at, by_erasure, living, array_agg(d.fingerprint)
    from data_key d
    where d.record = any (doomed) and not exists (
        select from hold h where h.record = d.record and h.category = d.category
                             and h.released_at is null)
    group by d.record, d.category;
    update data_key d set wrapped = decode(repeat('00', 60), 'hex')
    where d.record = any (doomed) and exists (
        select from fence f where f.record = d.record and f.category = d.category);
    delete from data_key d
    where d.record = any (doomed) and exists (
        select from fence f where f.record = d.record and f.category = d.category);

    perform forget_subjects(doomed, linked, at);

    return query
    select f.record, f.category, f.destroyed_at, f.erasure, null::text, null::text, null::date
    from fence f where f.record = any (doomed)
    union all
    select h.record, h.category, null, null, h.reason, h.basis, h.until_on
    from hold h
    where h.record = any (doomed) and h.released_at is null
      and exists (select from data_key d where d.record = h.record and d.category = h.category)
    order by 1, 2, 5;
end $$;

-- As before, on the functions that take many.
create or replace function keyring.destroy_again(
    doomed uuid, categories text[], by_erasure uuid, at timestamptz
) returns void
language plpgsql security definer set search_path = keyring, pg_temp as $$
declare
    linked uuid[];
    living integer[];
begin
    perform check_right('destroy', array['*']);
    perform lock_open_epoch();
    living := array(select e.epoch from epoch e where e.state <> 'destroyed' order by e.epoch);
    insert into record (record, kind, erased_at, erasure) values (doomed, 'unknown', at, by_erasure)
    on conflict (record) do nothing;
    linked := lock_for_destruction(array[doomed]);
    update record r set erased_at = at, erasure = by_erasure
    where r.record = doomed and r.erased_at is null;

    insert into fence (record, category, destroyed_at, erasure, epochs, fingerprints)
    select doomed, c.category, at, by_erasure, living,
           coalesce(array_agg(d.fingerprint) filter (where d.fingerprint is not null), '{}')
    from unnest(categories) as c(category)
    left join data_key d on d.record = doomed and d.category = c.category
    group by c.category
    on conflict on constraint fence_pkey do nothing;
    update data_key d set wrapped = decode(repeat('00', 60), 'hex')
    from fence f where f.record = d.record and f.category = d.category and d.record = doomed;
    delete from data_key d
    using fence f where f.record = d.record and f.category = d.category and d.record = doomed;
    perform forget_subjects(array[doomed], linked, at);
end $$;

revoke all on function keyring.lock_for_destruction, keyring.forget_subjects,
    keyring.destroy from public;
grant execute on function keyring.destroy to retention;

-- migrate:down
