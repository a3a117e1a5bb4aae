-- Why: a key whose row was deleted can still be had from heap, WAL and backups until the epoch key
-- that wrapped it is gone. A shred round ends an epoch; each of its steps is a state in a row, so
-- that a round that was killed is taken up where it stopped. Only retention may run one.
-- migrate:up
set lock_timeout = '5s';

-- One round: it opens an epoch, and ends with every earlier one destroyed and the world told.
create table keyring.shred_round (
    round          uuid        primary key,
    state          text        not null constraint shred_round_state_is_known check (state in
        ('begun', 'opened', 'rewrapped', 'backed_up', 'destroyed', 'told')),
    epoch          integer     not null unique,
    begun_at       timestamptz not null,
    opened_at      timestamptz,
    rewrapped_at   timestamptz,
    backed_up_at   timestamptz,
    destroyed_at   timestamptz,
    told_at        timestamptz,
    keys_to_rewrap bigint      not null default 0,
    keys_rewrapped bigint      not null default 0,
    backup         text,
    backup_digest  text
);
create unique index shred_round_under_way on keyring.shred_round ((true)) where state <> 'told';
create index shred_round_newest on keyring.shred_round (begun_at);

-- What a round takes out and puts back; an index that follows the order in which it goes.
create type keyring.key_rewrapped as
    (record uuid, category text, revision integer, from_epoch integer, wrapped bytea);
drop index keyring.data_key_of_epoch;
create index data_key_of_epoch on keyring.data_key (epoch, record);
create index fence_unrecoverable on keyring.fence (unrecoverable_since);

-- The round, which the caller must be allowed to run, in the state that a step needs.
create function keyring.round_in(wanted uuid, wanted_state text) returns keyring.shred_round
language plpgsql set search_path = keyring, pg_temp as $$
declare
    found_round shred_round;
begin
    perform check_right('destroy', array['*']);
    select * into found_round from shred_round r where r.round = wanted for update;
    if found_round.state is distinct from wanted_state then
        raise object_not_in_prerequisite_state
            using message = format('shred round %s is %s, not %s', wanted,
                                   coalesce(found_round.state, 'unknown'), wanted_state);
    end if;
    return found_round;
end $$;

-- The round under way, or a new one when a destroyed key is still recoverable, or nothing.
create function keyring.begin_shred_round(new_round uuid, at timestamptz)
returns setof keyring.shred_round
language plpgsql security definer set search_path = keyring, pg_temp as $$
begin
    perform check_right('destroy', array['*']);
    insert into shred_round (round, state, epoch, begun_at)
    select new_round, 'begun', (select max(e.epoch) + 1 from epoch e), at
    where exists (select from fence f where f.unrecoverable_since is null)
    on conflict do nothing;
    return query select * from shred_round r where r.state <> 'told';
end $$;

-- Closes the open epoch and opens the round's, whose key must be there; waits until nobody is in
-- the middle of making or destroying.
create function keyring.open_epoch(opening uuid, at timestamptz) returns void
language plpgsql security definer
set search_path = keyring, pg_temp set lock_timeout = '5s' as $$
declare
    the_round shred_round;
begin
    perform pg_advisory_xact_lock(hashtext('keyring.epoch'));
    the_round := round_in(opening, 'begun');
    update epoch e set state = 'closing', closed_at = at where e.state = 'open';
    insert into epoch (epoch, state, opened_at) values (the_round.epoch, 'open', at);
    update shred_round r set state = 'opened', opened_at = at, keys_to_rewrap = (
        select count(*) from data_key d where d.epoch < the_round.epoch)
    where r.round = opening;
end $$;

-- Wrapped keys that are still under a closing epoch, so many at a time.
create function keyring.keys_to_rewrap(rewrapping uuid, at_most integer)
returns table (record uuid, category text, revision integer, epoch integer, wrapped bytea,
               fingerprint bytea)
language plpgsql security definer
set search_path = keyring, pg_temp set enable_seqscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
    the_round shred_round := keyring.round_in(rewrapping, 'opened');
begin
    return query
    select d.record, d.category, d.revision, d.epoch, d.wrapped, d.fingerprint
    from data_key d where d.epoch < the_round.epoch
    order by d.epoch, d.record limit at_most;
end $$;

-- Puts keys back, wrapped under the open epoch; says how many were still there to be replaced.
-- Takes the locks of a destruction, so that a key has one epoch for whoever destroys it.
create function keyring.rewrap_keys(rewrapping uuid, keys keyring.key_rewrapped[]) returns integer
language plpgsql security definer
set search_path = keyring, pg_temp set enable_seqscan = off as $$
declare
    open_epoch integer := keyring.lock_open_epoch();
    the_round shred_round := keyring.round_in(rewrapping, 'opened');
    replaced integer;
begin
    perform from record r
    where r.record = any (array(select k.record from unnest(keys) as k))
    order by r.record for update;
    update data_key d set epoch = open_epoch, wrapped = k.wrapped
    from unnest(keys) as k
    where d.record = k.record and d.category = k.category and d.revision = k.revision
      and d.epoch = k.from_epoch and d.epoch < the_round.epoch;
    get diagnostics replaced = row_count;
    update shred_round r set keys_rewrapped = r.keys_rewrapped + replaced
    where r.round = rewrapping;
    return replaced;
end $$;

-- Raises while a living key is still under an epoch that the round ends.
create function keyring.check_nothing_left(the_round keyring.shred_round) returns void
language plpgsql set search_path = keyring, pg_temp set enable_seqscan = off as $$
begin
    if exists (select from data_key d where d.epoch < the_round.epoch) then
        raise object_not_in_prerequisite_state
            using message = format('keys under an epoch before %s are left', the_round.epoch);
    end if;
end $$;

create function keyring.note_rewrapped(rewrapped uuid, at timestamptz) returns void
language plpgsql security definer set search_path = keyring, pg_temp as $$
begin
    perform check_nothing_left(round_in(rewrapped, 'opened'));
    update shred_round r set state = 'rewrapped', rewrapped_at = at where r.round = rewrapped;
end $$;

create function keyring.note_backup(backed_up uuid, name text, digest text, at timestamptz)
returns void
language plpgsql security definer set search_path = keyring, pg_temp as $$
begin
    perform round_in(backed_up, 'rewrapped');
    update shred_round r
    set state = 'backed_up', backup = name, backup_digest = digest, backed_up_at = at
    where r.round = backed_up;
end $$;

-- The epochs whose keys are to be destroyed now.
create function keyring.epochs_to_destroy(ending uuid) returns setof integer
language plpgsql security definer set search_path = keyring, pg_temp as $$
begin
    perform check_nothing_left(round_in(ending, 'backed_up'));
    return query select e.epoch from epoch e where e.state = 'closing' order by e.epoch;
end $$;

-- Marks the closing epochs destroyed, and unrecoverable every fence all of whose epochs are.
-- The moment lies after every destruction that it covers, whatever the clock says.
create function keyring.note_destroyed(ended uuid, at timestamptz) returns timestamptz
language plpgsql security definer
set search_path = keyring, pg_temp set lock_timeout = '5s' as $$
declare
    gone integer[];
    since timestamptz;
begin
    perform pg_advisory_xact_lock(hashtext('keyring.epoch'));
    perform check_nothing_left(round_in(ended, 'backed_up'));
    gone := array(select e.epoch from epoch e where e.state <> 'open');
    select greatest(at, max(f.destroyed_at) + interval '1 microsecond') into since
    from fence f where f.unrecoverable_since is null and f.epochs <@ gone;
    update epoch e set state = 'destroyed', destroyed_at = since where e.state = 'closing';
    update fence f set unrecoverable_since = since
    where f.unrecoverable_since is null and f.epochs <@ gone;
    update shred_round r set state = 'destroyed', destroyed_at = since where r.round = ended;
    return since;
end $$;

-- The erasures all of whose destroyed keys are unrecoverable since this round.
create function keyring.erasures_of_round(ended uuid) returns setof uuid
language plpgsql security definer set search_path = keyring, pg_temp as $$
declare
    the_round shred_round := keyring.round_in(ended, 'destroyed');
begin
    return query
    select distinct f.erasure from fence f
    where f.unrecoverable_since = the_round.destroyed_at
      and not exists (select from fence o
                      where o.erasure = f.erasure and o.unrecoverable_since is null)
    order by f.erasure;
end $$;

create function keyring.note_told(told uuid, at timestamptz) returns void
language plpgsql security definer set search_path = keyring, pg_temp as $$
begin
    perform round_in(told, 'destroyed');
    update shred_round r set state = 'told', told_at = at where r.round = told;
end $$;

-- The newest round if there was one, and what is destroyed but still recoverable.
create function keyring.shred_status()
returns table (newest keyring.shred_round, recoverable bigint, oldest_at timestamptz)
language plpgsql stable security definer set search_path = keyring, pg_temp as $$
begin
    perform check_right('destroy', array['*']);
    return query
    select (select r from shred_round r order by r.begun_at desc, r.epoch desc limit 1),
           count(*), min(f.destroyed_at)
    from fence f where f.unrecoverable_since is null;
end $$;

-- As before, and: an epoch cannot change meanwhile; the fence names every living epoch, because a
-- round may have written the key under the next one although that was never committed; the moment
-- lies after that of every round which cannot have covered it.
create or replace function keyring.destroy(doomed uuid, by_erasure uuid, at timestamptz)
returns table (category text, destroyed_at timestamptz, erasure uuid, reason text, basis text,
               until_on date)
language plpgsql security definer
set search_path = keyring, pg_temp set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    linked uuid;
    living integer[];
begin
    perform check_right('destroy', array['*']);
    perform lock_open_epoch();
    living := array(select e.epoch from epoch e where e.state <> 'destroyed' order by e.epoch);
    at := greatest(at, (select max(e.destroyed_at) + interval '1 microsecond' from epoch e));
    insert into record (record, kind, erased_at, erasure) values (doomed, 'unknown', at, by_erasure)
    on conflict (record) do nothing;
    linked := lock_for_destruction(doomed);
    update record r set erased_at = at, erasure = by_erasure
    where r.record = doomed and r.erased_at is null;

    insert into fence (record, category, destroyed_at, erasure, epochs, fingerprints)
    select doomed, d.category, at, by_erasure, living, array_agg(d.fingerprint)
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

-- As before, and with the same care for epochs as a first destruction.
create or replace function keyring.destroy_again(
    doomed uuid, categories text[], by_erasure uuid, at timestamptz
) returns void
language plpgsql security definer set search_path = keyring, pg_temp as $$
declare
    linked uuid;
    living integer[];
begin
    perform check_right('destroy', array['*']);
    perform lock_open_epoch();
    living := array(select e.epoch from epoch e where e.state <> 'destroyed' order by e.epoch);
    insert into record (record, kind, erased_at, erasure) values (doomed, 'unknown', at, by_erasure)
    on conflict (record) do nothing;
    linked := lock_for_destruction(doomed);
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
    if not exists (select from data_key d where d.record = doomed) then
        perform forget_subject(doomed, linked, at);
    end if;
end $$;

revoke all on function keyring.round_in, keyring.check_nothing_left, keyring.begin_shred_round,
    keyring.open_epoch, keyring.keys_to_rewrap, keyring.rewrap_keys, keyring.note_rewrapped,
    keyring.note_backup, keyring.epochs_to_destroy, keyring.note_destroyed,
    keyring.erasures_of_round, keyring.note_told, keyring.shred_status from public;
grant execute on function keyring.begin_shred_round, keyring.open_epoch, keyring.keys_to_rewrap,
    keyring.rewrap_keys, keyring.note_rewrapped, keyring.note_backup, keyring.epochs_to_destroy,
    keyring.note_destroyed, keyring.erasures_of_round, keyring.note_told, keyring.shred_status
    to retention;
grant select on keyring.shred_round to operator;

-- What a keyring backup reads; it lies encrypted under the epoch keys, which it does not hold.
grant usage on schema keyring to keyring_backup;
grant select on all tables in schema keyring to keyring_backup;
grant select on public.schema_migrations to keyring_backup;

-- migrate:down
