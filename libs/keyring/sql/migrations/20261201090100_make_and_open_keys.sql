-- Why: roles make, open and hold keys through functions that check who calls; a whole batch is one
-- statement. Locks are always taken in this order: epoch, subjects by blind index, records by id.
-- migrate:up
set lock_timeout = '5s';

-- Raises insufficient_privilege unless the calling role has this right on all the categories.
create function keyring.check_right(wanted_right text, categories text[]) returns void
language plpgsql stable set search_path = keyring, pg_temp as $$
declare
    lacking text[];
begin
    select array_agg(distinct w.category order by w.category) into lacking
    from unnest(categories) as w(category)
    where not exists (
        select from role_right r
        where r.role = session_user and r.category in (w.category, '*')
          and case wanted_right
                  when 'make' then r.may_make
                  when 'open' then r.may_open
                  when 'hold' then r.may_hold
                  when 'release' then r.may_release
                  when 'destroy' then r.may_destroy
                  when 'read links' then r.may_read_links
              end);
    if lacking is not null then
        raise insufficient_privilege
            using message = format('%s may not %s %s', session_user, wanted_right,
                                   array_to_string(lacking, ', '));
    end if;
end $$;

-- The open epoch, which no shred round can close before this transaction ends.
-- An advisory lock, because a row lock would write the same row in every transaction.
create function keyring.lock_open_epoch() returns integer
language plpgsql set search_path = keyring, pg_temp as $$
begin
    perform pg_advisory_xact_lock_shared(hashtext('keyring.epoch'));
    return (select e.epoch from epoch e where e.state = 'open');
end $$;

-- Makes and locks the subjects with these blind indexes: none is removed before we link to it.
create function keyring.lock_subjects(indexes bytea[]) returns void
language plpgsql set search_path = keyring, pg_temp as $$
declare
    locked integer;
begin
    loop
        insert into subject (blind_index)
        select i from unnest(indexes) as i order by i
        on conflict (blind_index) do nothing;
        perform from subject s where s.blind_index = any (indexes) order by s.blind_index for share;
        get diagnostics locked = row_count;
        exit when locked = cardinality(indexes);  -- else one was removed while we waited for it
    end loop;
end $$;

-- Makes and locks the records, and links those that no subject was ever linked to.
create function keyring.lock_records(asked keyring.record_asked[]) returns void
language plpgsql set search_path = keyring, pg_temp as $$
declare
    indexes bytea[];
begin
    indexes := array(
        select distinct a.blind_index from unnest(asked) as a
        where a.blind_index is not null
          and not exists (select from record r where r.record = a.record
                          and (r.linked_at is not null or r.erased_at is not null)));
    perform lock_subjects(indexes);
    insert into record (record, kind, subject, linked_at)
    select a.record, a.kind, s.subject, case when s.subject is not null then a.at end
    from unnest(asked) as a left join subject s on s.blind_index = a.blind_index
    order by a.record
    on conflict (record) do nothing;
    perform from record r
    where r.record = any (array(select a.record from unnest(asked) as a))
    order by r.record for update;
    update record r set subject = s.subject, linked_at = a.at
    from unnest(asked) as a join subject s on s.blind_index = a.blind_index
    where r.record = a.record and r.linked_at is null and r.erased_at is null;
    delete from subject s
    where s.blind_index = any (indexes)
      and not exists (select from record r where r.subject = s.subject);
end $$;

-- Makes what is missing for many records at once and gives back what was asked for, each with its
-- own outcome: made, erased or refused. One row 'epoch' alone says: wrap again under that epoch.
create function keyring.make_keys(
    asked keyring.record_asked[], keys keyring.key_asked[], holds keyring.hold_asked[]
) returns table (record uuid, category text, outcome text, revision integer, epoch integer,
                 wrapped bytea, may_open boolean)
language plpgsql security definer
set search_path = keyring, pg_temp set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    open_epoch integer := keyring.lock_open_epoch();
    refused    uuid[];
    erased     uuid[];
begin
    if exists (select from unnest(keys) as k where k.epoch is distinct from open_epoch) then
        return query select null::uuid, null::text, 'epoch', null::integer, open_epoch, null::bytea,
                            false;
        return;
    end if;

    refused := array(
        select k.record from unnest(keys) as k
        left join role_right r on r.role = session_user and r.category = k.category
        where r.may_make is not true
        union
        select h.record from unnest(holds) as h
        left join role_right r on r.role = session_user and r.category = h.category
        where r.may_hold is not true);
    perform lock_records(array(select a from unnest(asked) as a where a.record <> all (refused)));

    erased := array(
        select k.record from unnest(keys) as k join record r on r.record = k.record
        where r.erased_at is not null
          and not exists (select from data_key d
                          where d.record = k.record and d.category = k.category));
    refused := refused || array(  -- a key that someone else made, and that is not ours to open
        select d.record
        from unnest(keys) as k
        join data_key d on d.record = k.record and d.category = k.category
        left join role_right r on r.role = session_user and r.category = d.category
        where d.made_by <> session_user and r.may_open is not true);

    insert into data_key (record, category, epoch, wrapped, fingerprint, made_at, made_by)
    select k.record, k.category, k.epoch, k.wrapped, k.fingerprint, a.at, session_user
    from unnest(keys) as k join unnest(asked) as a on a.record = k.record
    where k.record <> all (refused || erased)
      and not exists (select from data_key d
                      where d.record = k.record and d.category = k.category);
    insert into hold (record, category, reason, until_on, basis, placed_by, placed_at)
    select h.record, h.category, h.reason, h.until_on, h.basis, session_user, a.at
    from unnest(holds) as h join unnest(asked) as a on a.record = h.record
    where h.record <> all (refused || erased)
    on conflict (record, category, reason) do nothing;  -- what is known of it is newer

    return query
    select k.record, k.category,
           case when k.record = any (refused) then 'refused'
                when k.record = any (erased) then 'erased' else 'made' end,
           d.revision, d.epoch, d.wrapped, coalesce(r.may_open, false)
    from unnest(keys) as k
    left join role_right r on r.role = session_user and r.category = k.category
    left join lateral (
        select d.revision, d.epoch, d.wrapped from data_key d
        where d.record = k.record and d.category = k.category
          and k.record <> all (refused || erased)
        order by d.revision desc limit 1) as d on true;
end $$;

-- The newest wrapped key of each (record, category), or since when it is destroyed, or neither.
create function keyring.open_keys(records uuid[], categories text[])
returns table (record uuid, category text, revision integer, epoch integer, wrapped bytea,
               destroyed_at timestamptz)
language plpgsql stable security definer
set search_path = keyring, pg_temp set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
    perform check_right('open', categories);
    return query
    select w.record, w.category, d.revision, d.epoch, d.wrapped, f.destroyed_at
    from unnest(records, categories) as w(record, category)
    left join fence f on f.record = w.record and f.category = w.category
    left join lateral (
        select d.revision, d.epoch, d.wrapped from data_key d
        where d.record = w.record and d.category = w.category
        order by d.revision desc limit 1) as d on f.record is null;
end $$;

-- Keeps a category from destruction: placed, erased (too late) or missing (never was a key).
-- A placement older than what is known of that hold changes nothing.
create function keyring.place_hold(wanted keyring.hold_asked, at timestamptz) returns text
language plpgsql security definer set search_path = keyring, pg_temp as $$
begin
    perform check_right('hold', array[wanted.category]);
    perform from record r where r.record = wanted.record for update;
    if exists (select from fence f
               where f.record = wanted.record and f.category = wanted.category) then
        return 'erased';
    end if;
    if not exists (select from data_key d
                   where d.record = wanted.record and d.category = wanted.category) then
        return 'missing';
    end if;
    insert into hold as h (record, category, reason, until_on, basis, placed_by, placed_at)
    values (wanted.record, wanted.category, wanted.reason, wanted.until_on, wanted.basis,
            session_user, at)
    on conflict (record, category, reason) do update
        set until_on = excluded.until_on, basis = excluded.basis, placed_by = excluded.placed_by,
            placed_at = excluded.placed_at, released_at = null
        where excluded.placed_at >= h.placed_at
          and (h.released_at is null or excluded.placed_at > h.released_at);
    return 'placed';
end $$;

-- Ends a hold; changes nothing when there is none, or when a later one was placed.
create function keyring.release_hold(
    held uuid, held_category text, held_reason text, at timestamptz
) returns void
language plpgsql security definer set search_path = keyring, pg_temp as $$
begin
    perform check_right('release', array[held_category]);
    perform from record r where r.record = held for update;
    update hold h set released_at = at
    where h.record = held and h.category = held_category and h.reason = held_reason
      and h.released_at is null and h.placed_at <= at;
end $$;

revoke all on all functions in schema keyring from public;
grant usage on schema keyring to quotes, consent, billing;
grant execute on function keyring.make_keys, keyring.open_keys to quotes, consent, billing;
grant execute on function keyring.place_hold to quotes, billing;
grant execute on function keyring.release_hold to billing;

-- migrate:down
drop function keyring.release_hold, keyring.place_hold, keyring.open_keys, keyring.make_keys,
    keyring.lock_records, keyring.lock_subjects, keyring.lock_open_epoch,
    keyring.check_right;
