-- Why: a provisional hold whose order never came to be would keep its category for ever. Who placed it
-- may find it and take it back, as long as nothing was made or placed on it since it was found.
-- migrate:up
set lock_timeout = '5s';

create index hold_provisional on keyring.hold (placed_by, category, placed_at, record)
    where until_on is null and released_at is null;

-- The caller's own unreleased holds without a last day that were placed before a moment, oldest
-- first.
create function keyring.provisional_holds(
    category_wanted text, placed_before timestamptz, at_most integer
) returns table (record uuid, category text, reason text, placed_at timestamptz)
language plpgsql stable security definer set search_path = keyring, pg_temp as $$
#variable_conflict use_column
begin
    perform check_right('hold', array[category_wanted]);
    return query
    select h.record, h.category, h.reason, h.placed_at
    from hold h
    where h.placed_by = session_user and h.category = category_wanted
      and h.until_on is null and h.released_at is null and h.placed_at < placed_before
    order by h.placed_at, h.record
    limit at_most;
end $$;

-- Ends a provisional hold of the caller's own, if it is still the one placed at that moment.
create function keyring.take_back_hold(
    held uuid, held_category text, held_reason text, placed_then timestamptz, at timestamptz
) returns boolean
language plpgsql security definer set search_path = keyring, pg_temp as $$
begin
    perform check_right('hold', array[held_category]);
    perform from record r where r.record = held for update;
    update hold h set released_at = greatest(at, h.placed_at)
    where h.record = held and h.category = held_category and h.reason = held_reason
      and h.placed_by = session_user and h.placed_at = placed_then
      and h.until_on is null and h.released_at is null;
    return found;
end $$;

-- Makes what is missing for many records at once and gives back what was asked for, each with its
-- own outcome: made, erased or refused. One row 'epoch' alone says: wrap again under that epoch.
create or replace function keyring.make_keys(
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
    insert into hold as h (record, category, reason, until_on, basis, placed_by, placed_at)
    select w.record, w.category, w.reason, w.until_on, w.basis, session_user, a.at
    from unnest(holds) as w join unnest(asked) as a on a.record = w.record
    where w.record <> all (refused || erased)
    on conflict (record, category, reason) do update  -- our own provisional one is begun anew
        set placed_at = greatest(excluded.placed_at, h.placed_at + interval '1 microsecond'),
            basis = excluded.basis, released_at = null
        where h.placed_by = session_user and h.until_on is null and excluded.until_on is null;

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

revoke all on function keyring.provisional_holds, keyring.take_back_hold from public;
grant execute on function keyring.provisional_holds, keyring.take_back_hold to quotes, billing;

-- migrate:down
