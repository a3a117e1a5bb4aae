--
-- PostgreSQL database dump
--

\restrict flux3d

-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: keyring; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA keyring;


--
-- Name: hold_asked; Type: TYPE; Schema: keyring; Owner: -
--

CREATE TYPE keyring.hold_asked AS (
	record uuid,
	category text,
	reason text,
	until_on date,
	basis text
);


--
-- Name: key_asked; Type: TYPE; Schema: keyring; Owner: -
--

CREATE TYPE keyring.key_asked AS (
	record uuid,
	category text,
	epoch integer,
	wrapped bytea,
	fingerprint bytea
);


--
-- Name: key_rewrapped; Type: TYPE; Schema: keyring; Owner: -
--

CREATE TYPE keyring.key_rewrapped AS (
	record uuid,
	category text,
	revision integer,
	from_epoch integer,
	wrapped bytea
);


--
-- Name: record_asked; Type: TYPE; Schema: keyring; Owner: -
--

CREATE TYPE keyring.record_asked AS (
	record uuid,
	kind text,
	blind_index bytea,
	at timestamp with time zone
);


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: shred_round; Type: TABLE; Schema: keyring; Owner: -
--

CREATE TABLE keyring.shred_round (
    round uuid NOT NULL,
    state text NOT NULL,
    epoch integer NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    opened_at timestamp with time zone,
    rewrapped_at timestamp with time zone,
    backed_up_at timestamp with time zone,
    destroyed_at timestamp with time zone,
    told_at timestamp with time zone,
    keys_to_rewrap bigint DEFAULT 0 NOT NULL,
    keys_rewrapped bigint DEFAULT 0 NOT NULL,
    backup text,
    backup_digest text,
    CONSTRAINT shred_round_state_is_known CHECK ((state = ANY (ARRAY['begun'::text, 'opened'::text, 'rewrapped'::text, 'backed_up'::text, 'destroyed'::text, 'told'::text])))
);


--
-- Name: begin_shred_round(uuid, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.begin_shred_round(new_round uuid, at timestamp with time zone) RETURNS SETOF keyring.shred_round
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
begin
    perform check_right('destroy', array['*']);
    insert into shred_round (round, state, epoch, begun_at)
    select new_round, 'begun', (select max(e.epoch) + 1 from epoch e), at
    where exists (select from fence f where f.unrecoverable_since is null)
    on conflict do nothing;
    return query select * from shred_round r where r.state <> 'told';
end $$;


--
-- Name: check_nothing_left(keyring.shred_round); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.check_nothing_left(the_round keyring.shred_round) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'keyring', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
begin
    if exists (select from data_key d where d.epoch < the_round.epoch) then
        raise object_not_in_prerequisite_state
            using message = format('keys under an epoch before %s are left', the_round.epoch);
    end if;
end $$;


--
-- Name: check_right(text, text[]); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.check_right(wanted_right text, categories text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
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


--
-- Name: count_records(bytea, text, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.count_records(index_wanted bytea, kind_wanted text, linked_after timestamp with time zone) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
    select count(*)
    from subject s
    join record r on r.subject = s.subject and r.kind = kind_wanted
    where s.blind_index = index_wanted and r.linked_at > linked_after
      and exists (select from data_key d
                  join role_right g on g.category = d.category
                  where d.record = r.record and g.role = session_user and g.may_open)
$$;


--
-- Name: destroy(uuid[], uuid, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.destroy(doomed uuid[], by_erasure uuid, at timestamp with time zone) RETURNS TABLE(record uuid, category text, destroyed_at timestamp with time zone, erasure uuid, reason text, basis text, until_on date)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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


--
-- Name: destroy_again(uuid, text[], uuid, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.destroy_again(doomed uuid, categories text[], by_erasure uuid, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
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


--
-- Name: epochs_to_destroy(uuid); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.epochs_to_destroy(ending uuid) RETURNS SETOF integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
begin
    perform check_nothing_left(round_in(ending, 'backed_up'));
    return query select e.epoch from epoch e where e.state = 'closing' order by e.epoch;
end $$;


--
-- Name: erasures_of_round(uuid); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.erasures_of_round(ended uuid) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
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


--
-- Name: find_record(bytea, text); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.find_record(index_wanted bytea, kind_wanted text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
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


--
-- Name: find_unfenced(uuid[], text[]); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.find_unfenced(records uuid[], categories text[]) RETURNS TABLE(record uuid, category text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
    select w.record, w.category from unnest(records, categories) as w(record, category)
    where not exists (select from fence f
                      where f.record = w.record and f.category = w.category)
$$;


--
-- Name: forget_subjects(uuid[], uuid[], timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.forget_subjects(forgotten uuid[], linked uuid[], at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'keyring', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
begin
    update record r set subject = null, forgotten_at = at
    where r.record = any (forgotten) and r.forgotten_at is null
      and not exists (select from data_key d where d.record = r.record);
    delete from subject s
    where s.subject = any (linked)
      and not exists (select from record r where r.subject = s.subject);
end $$;


--
-- Name: keys_to_rewrap(uuid, integer); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.keys_to_rewrap(rewrapping uuid, at_most integer) RETURNS TABLE(record uuid, category text, revision integer, epoch integer, wrapped bytea, fingerprint bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
    the_round shred_round := keyring.round_in(rewrapping, 'opened');
begin
    return query
    select d.record, d.category, d.revision, d.epoch, d.wrapped, d.fingerprint
    from data_key d where d.epoch < the_round.epoch
    order by d.epoch, d.record limit at_most;
end $$;


--
-- Name: lock_for_destruction(uuid[]); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.lock_for_destruction(doomed uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'keyring', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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


--
-- Name: lock_open_epoch(); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.lock_open_epoch() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
begin
    perform pg_advisory_xact_lock_shared(hashtext('keyring.epoch'));
    return (select e.epoch from epoch e where e.state = 'open');
end $$;


--
-- Name: lock_records(keyring.record_asked[]); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.lock_records(asked keyring.record_asked[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
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


--
-- Name: lock_subjects(bytea[]); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.lock_subjects(indexes bytea[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
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


--
-- Name: make_keys(keyring.record_asked[], keyring.key_asked[], keyring.hold_asked[]); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.make_keys(asked keyring.record_asked[], keys keyring.key_asked[], holds keyring.hold_asked[]) RETURNS TABLE(record uuid, category text, outcome text, revision integer, epoch integer, wrapped bytea, may_open boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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


--
-- Name: move_journal_mark(bigint, text); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.move_journal_mark(to_entries bigint, to_digest text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
begin
    perform check_right('destroy', array['*']);
    update journal_mark m set entries = to_entries, digest = to_digest
    where m.entries < to_entries;
end $$;


--
-- Name: note_backup(uuid, text, text, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.note_backup(backed_up uuid, name text, digest text, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
begin
    perform round_in(backed_up, 'rewrapped');
    update shred_round r
    set state = 'backed_up', backup = name, backup_digest = digest, backed_up_at = at
    where r.round = backed_up;
end $$;


--
-- Name: note_destroyed(uuid, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.note_destroyed(ended uuid, at timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
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


--
-- Name: note_rewrapped(uuid, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.note_rewrapped(rewrapped uuid, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
begin
    perform check_nothing_left(round_in(rewrapped, 'opened'));
    update shred_round r set state = 'rewrapped', rewrapped_at = at where r.round = rewrapped;
end $$;


--
-- Name: note_told(uuid, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.note_told(told uuid, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
begin
    perform round_in(told, 'destroyed');
    update shred_round r set state = 'told', told_at = at where r.round = told;
end $$;


--
-- Name: open_epoch(uuid, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.open_epoch(opening uuid, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
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


--
-- Name: open_keys(uuid[], text[]); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.open_keys(records uuid[], categories text[]) RETURNS TABLE(record uuid, category text, revision integer, epoch integer, wrapped bytea, destroyed_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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


--
-- Name: place_hold(keyring.hold_asked, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.place_hold(wanted keyring.hold_asked, at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
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


--
-- Name: provisional_holds(text, timestamp with time zone, integer); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.provisional_holds(category_wanted text, placed_before timestamp with time zone, at_most integer) RETURNS TABLE(record uuid, category text, reason text, placed_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
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


--
-- Name: read_journal_mark(); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.read_journal_mark() RETURNS TABLE(entries bigint, digest text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
    select m.entries, m.digest from journal_mark m
$$;


--
-- Name: records_made(uuid, timestamp with time zone, integer); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.records_made(after uuid, made_before timestamp with time zone, at_most integer) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
    select d.record from data_key d
    where d.record > after and d.made_by = session_user
      and exists (select from record r where r.record = d.record and r.erased_at is null)
    group by d.record having min(d.made_at) < made_before
    order by d.record limit at_most
$$;


--
-- Name: records_of(bytea); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.records_of(index_wanted bytea) RETURNS TABLE(record uuid, kind text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
    perform check_right('read links', array['*']);
    return query
    select r.record, r.kind from subject s join record r on r.subject = s.subject
    where s.blind_index = index_wanted order by r.linked_at, r.record;
end $$;


--
-- Name: records_with(uuid); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.records_with(known uuid) RETURNS TABLE(record uuid, kind text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
    perform check_right('read links', array['*']);
    return query
    select r.record, r.kind from record k join record r on r.subject = k.subject
    where k.record = known order by r.linked_at, r.record;
end $$;


--
-- Name: release_hold(uuid, text, text, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.release_hold(held uuid, held_category text, held_reason text, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
begin
    perform check_right('release', array[held_category]);
    perform from record r where r.record = held for update;
    update hold h set released_at = at
    where h.record = held and h.category = held_category and h.reason = held_reason
      and h.released_at is null and h.placed_at <= at;
end $$;


--
-- Name: rewrap_keys(uuid, keyring.key_rewrapped[]); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.rewrap_keys(rewrapping uuid, keys keyring.key_rewrapped[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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


--
-- Name: round_in(uuid, text); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.round_in(wanted uuid, wanted_state text) RETURNS keyring.shred_round
    LANGUAGE plpgsql
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
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


--
-- Name: shred_status(); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.shred_status() RETURNS TABLE(newest keyring.shred_round, recoverable bigint, oldest_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
begin
    perform check_right('destroy', array['*']);
    return query
    select (select r from shred_round r order by r.begun_at desc, r.epoch desc limit 1),
           count(*), min(f.destroyed_at)
    from fence f where f.unrecoverable_since is null;
end $$;


--
-- Name: take_back_hold(uuid, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: keyring; Owner: -
--

CREATE FUNCTION keyring.take_back_hold(held uuid, held_category text, held_reason text, placed_then timestamp with time zone, at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'keyring', 'pg_temp'
    AS $$
begin
    perform check_right('hold', array[held_category]);
    perform from record r where r.record = held for update;
    update hold h set released_at = greatest(at, h.placed_at)
    where h.record = held and h.category = held_category and h.reason = held_reason
      and h.placed_by = session_user and h.placed_at = placed_then
      and h.until_on is null and h.released_at is null;
    return found;
end $$;


--
-- Name: data_key; Type: TABLE; Schema: keyring; Owner: -
--

CREATE TABLE keyring.data_key (
    record uuid NOT NULL,
    category text NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    epoch integer NOT NULL,
    wrapped bytea NOT NULL,
    fingerprint bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    made_by name NOT NULL,
    CONSTRAINT data_key_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT data_key_revision_check CHECK ((revision > 0)),
    CONSTRAINT data_key_wrapped_check CHECK ((octet_length(wrapped) = 60))
)
WITH (fillfactor='80');


--
-- Name: epoch; Type: TABLE; Schema: keyring; Owner: -
--

CREATE TABLE keyring.epoch (
    epoch integer NOT NULL,
    state text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    destroyed_at timestamp with time zone,
    CONSTRAINT epoch_check CHECK (((closed_at IS NOT NULL) OR (state = 'open'::text))),
    CONSTRAINT epoch_check1 CHECK (((destroyed_at IS NOT NULL) OR (state <> 'destroyed'::text))),
    CONSTRAINT epoch_epoch_check CHECK ((epoch > 0)),
    CONSTRAINT epoch_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closing'::text, 'destroyed'::text])))
);


--
-- Name: fence; Type: TABLE; Schema: keyring; Owner: -
--

CREATE TABLE keyring.fence (
    record uuid NOT NULL,
    category text NOT NULL,
    destroyed_at timestamp with time zone NOT NULL,
    erasure uuid NOT NULL,
    epochs integer[] NOT NULL,
    fingerprints bytea[] NOT NULL,
    unrecoverable_since timestamp with time zone
);


--
-- Name: fence_list; Type: VIEW; Schema: keyring; Owner: -
--

CREATE VIEW keyring.fence_list AS
 SELECT record,
    category,
    destroyed_at,
    erasure,
    epochs,
    unrecoverable_since
   FROM keyring.fence;


--
-- Name: hold; Type: TABLE; Schema: keyring; Owner: -
--

CREATE TABLE keyring.hold (
    record uuid NOT NULL,
    category text NOT NULL,
    reason text NOT NULL,
    until_on date,
    basis text NOT NULL,
    placed_by name NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    released_at timestamp with time zone,
    CONSTRAINT hold_check CHECK ((released_at >= placed_at))
);


--
-- Name: journal_mark; Type: TABLE; Schema: keyring; Owner: -
--

CREATE TABLE keyring.journal_mark (
    is_only boolean DEFAULT true NOT NULL,
    entries bigint NOT NULL,
    digest text NOT NULL,
    CONSTRAINT journal_mark_digest_check CHECK ((length(digest) = 64)),
    CONSTRAINT journal_mark_entries_check CHECK ((entries >= 0)),
    CONSTRAINT journal_mark_is_only_check CHECK (is_only)
);


--
-- Name: key_list; Type: VIEW; Schema: keyring; Owner: -
--

CREATE VIEW keyring.key_list AS
 SELECT record,
    category,
    revision,
    epoch,
    made_at,
    made_by
   FROM keyring.data_key;


--
-- Name: record; Type: TABLE; Schema: keyring; Owner: -
--

CREATE TABLE keyring.record (
    record uuid NOT NULL,
    kind text NOT NULL,
    subject uuid,
    linked_at timestamp with time zone,
    forgotten_at timestamp with time zone,
    erased_at timestamp with time zone,
    erasure uuid,
    CONSTRAINT record_check CHECK (((forgotten_at IS NULL) OR (subject IS NULL))),
    CONSTRAINT record_check1 CHECK (((erasure IS NULL) = (erased_at IS NULL)))
);


--
-- Name: record_list; Type: VIEW; Schema: keyring; Owner: -
--

CREATE VIEW keyring.record_list AS
 SELECT record,
    kind,
    linked_at,
    forgotten_at,
    erased_at,
    erasure
   FROM keyring.record;


--
-- Name: role_right; Type: TABLE; Schema: keyring; Owner: -
--

CREATE TABLE keyring.role_right (
    role name NOT NULL,
    category text NOT NULL,
    may_make boolean DEFAULT false NOT NULL,
    may_open boolean DEFAULT false NOT NULL,
    may_hold boolean DEFAULT false NOT NULL,
    may_release boolean DEFAULT false NOT NULL,
    may_destroy boolean DEFAULT false NOT NULL,
    may_read_links boolean DEFAULT false NOT NULL
);


--
-- Name: subject; Type: TABLE; Schema: keyring; Owner: -
--

CREATE TABLE keyring.subject (
    subject uuid DEFAULT gen_random_uuid() NOT NULL,
    blind_index bytea NOT NULL,
    CONSTRAINT subject_blind_index_check CHECK ((octet_length(blind_index) = 32))
);


--
-- Name: data_key data_key_pkey; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.data_key
    ADD CONSTRAINT data_key_pkey PRIMARY KEY (record, category, revision);


--
-- Name: epoch epoch_pkey; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.epoch
    ADD CONSTRAINT epoch_pkey PRIMARY KEY (epoch);


--
-- Name: fence fence_pkey; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.fence
    ADD CONSTRAINT fence_pkey PRIMARY KEY (record, category);


--
-- Name: hold hold_pkey; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (record, category, reason);


--
-- Name: journal_mark journal_mark_pkey; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.journal_mark
    ADD CONSTRAINT journal_mark_pkey PRIMARY KEY (is_only);


--
-- Name: record record_pkey; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.record
    ADD CONSTRAINT record_pkey PRIMARY KEY (record);


--
-- Name: role_right role_right_pkey; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.role_right
    ADD CONSTRAINT role_right_pkey PRIMARY KEY (role, category);


--
-- Name: shred_round shred_round_epoch_key; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.shred_round
    ADD CONSTRAINT shred_round_epoch_key UNIQUE (epoch);


--
-- Name: shred_round shred_round_pkey; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.shred_round
    ADD CONSTRAINT shred_round_pkey PRIMARY KEY (round);


--
-- Name: subject subject_blind_index; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.subject
    ADD CONSTRAINT subject_blind_index UNIQUE (blind_index);


--
-- Name: subject subject_pkey; Type: CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.subject
    ADD CONSTRAINT subject_pkey PRIMARY KEY (subject);


--
-- Name: data_key_of_epoch; Type: INDEX; Schema: keyring; Owner: -
--

CREATE INDEX data_key_of_epoch ON keyring.data_key USING btree (epoch, record);


--
-- Name: epoch_open; Type: INDEX; Schema: keyring; Owner: -
--

CREATE UNIQUE INDEX epoch_open ON keyring.epoch USING btree (state) WHERE (state = 'open'::text);


--
-- Name: fence_recoverable; Type: INDEX; Schema: keyring; Owner: -
--

CREATE INDEX fence_recoverable ON keyring.fence USING btree (destroyed_at) WHERE (unrecoverable_since IS NULL);


--
-- Name: fence_unrecoverable; Type: INDEX; Schema: keyring; Owner: -
--

CREATE INDEX fence_unrecoverable ON keyring.fence USING btree (unrecoverable_since);


--
-- Name: hold_provisional; Type: INDEX; Schema: keyring; Owner: -
--

CREATE INDEX hold_provisional ON keyring.hold USING btree (placed_by, category, placed_at, record) WHERE ((until_on IS NULL) AND (released_at IS NULL));


--
-- Name: record_of_subject; Type: INDEX; Schema: keyring; Owner: -
--

CREATE INDEX record_of_subject ON keyring.record USING btree (subject) WHERE (subject IS NOT NULL);


--
-- Name: shred_round_newest; Type: INDEX; Schema: keyring; Owner: -
--

CREATE INDEX shred_round_newest ON keyring.shred_round USING btree (begun_at);


--
-- Name: shred_round_under_way; Type: INDEX; Schema: keyring; Owner: -
--

CREATE UNIQUE INDEX shred_round_under_way ON keyring.shred_round USING btree ((true)) WHERE (state <> 'told'::text);


--
-- Name: data_key data_key_record_fkey; Type: FK CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.data_key
    ADD CONSTRAINT data_key_record_fkey FOREIGN KEY (record) REFERENCES keyring.record(record);


--
-- Name: fence fence_record_fkey; Type: FK CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.fence
    ADD CONSTRAINT fence_record_fkey FOREIGN KEY (record) REFERENCES keyring.record(record);


--
-- Name: hold hold_record_fkey; Type: FK CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.hold
    ADD CONSTRAINT hold_record_fkey FOREIGN KEY (record) REFERENCES keyring.record(record);


--
-- Name: record record_subject; Type: FK CONSTRAINT; Schema: keyring; Owner: -
--

ALTER TABLE ONLY keyring.record
    ADD CONSTRAINT record_subject FOREIGN KEY (subject) REFERENCES keyring.subject(subject);


--
-- Name: SCHEMA keyring; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA keyring TO quotes;
GRANT USAGE ON SCHEMA keyring TO consent;
GRANT USAGE ON SCHEMA keyring TO billing;
GRANT USAGE ON SCHEMA keyring TO retention;
GRANT USAGE ON SCHEMA keyring TO operator;
GRANT USAGE ON SCHEMA keyring TO keyring_backup;


--
-- Name: TABLE shred_round; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.shred_round TO operator;
GRANT SELECT ON TABLE keyring.shred_round TO keyring_backup;


--
-- Name: FUNCTION begin_shred_round(new_round uuid, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.begin_shred_round(new_round uuid, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.begin_shred_round(new_round uuid, at timestamp with time zone) TO retention;


--
-- Name: FUNCTION check_nothing_left(the_round keyring.shred_round); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.check_nothing_left(the_round keyring.shred_round) FROM PUBLIC;


--
-- Name: FUNCTION check_right(wanted_right text, categories text[]); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.check_right(wanted_right text, categories text[]) FROM PUBLIC;


--
-- Name: FUNCTION count_records(index_wanted bytea, kind_wanted text, linked_after timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.count_records(index_wanted bytea, kind_wanted text, linked_after timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.count_records(index_wanted bytea, kind_wanted text, linked_after timestamp with time zone) TO consent;


--
-- Name: FUNCTION destroy(doomed uuid[], by_erasure uuid, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.destroy(doomed uuid[], by_erasure uuid, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.destroy(doomed uuid[], by_erasure uuid, at timestamp with time zone) TO retention;


--
-- Name: FUNCTION destroy_again(doomed uuid, categories text[], by_erasure uuid, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.destroy_again(doomed uuid, categories text[], by_erasure uuid, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.destroy_again(doomed uuid, categories text[], by_erasure uuid, at timestamp with time zone) TO retention;


--
-- Name: FUNCTION epochs_to_destroy(ending uuid); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.epochs_to_destroy(ending uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.epochs_to_destroy(ending uuid) TO retention;


--
-- Name: FUNCTION erasures_of_round(ended uuid); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.erasures_of_round(ended uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.erasures_of_round(ended uuid) TO retention;


--
-- Name: FUNCTION find_record(index_wanted bytea, kind_wanted text); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.find_record(index_wanted bytea, kind_wanted text) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.find_record(index_wanted bytea, kind_wanted text) TO quotes;
GRANT ALL ON FUNCTION keyring.find_record(index_wanted bytea, kind_wanted text) TO consent;
GRANT ALL ON FUNCTION keyring.find_record(index_wanted bytea, kind_wanted text) TO billing;
GRANT ALL ON FUNCTION keyring.find_record(index_wanted bytea, kind_wanted text) TO retention;


--
-- Name: FUNCTION find_unfenced(records uuid[], categories text[]); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.find_unfenced(records uuid[], categories text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.find_unfenced(records uuid[], categories text[]) TO quotes;
GRANT ALL ON FUNCTION keyring.find_unfenced(records uuid[], categories text[]) TO consent;
GRANT ALL ON FUNCTION keyring.find_unfenced(records uuid[], categories text[]) TO billing;
GRANT ALL ON FUNCTION keyring.find_unfenced(records uuid[], categories text[]) TO retention;
GRANT ALL ON FUNCTION keyring.find_unfenced(records uuid[], categories text[]) TO operator;


--
-- Name: FUNCTION forget_subjects(forgotten uuid[], linked uuid[], at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.forget_subjects(forgotten uuid[], linked uuid[], at timestamp with time zone) FROM PUBLIC;


--
-- Name: FUNCTION keys_to_rewrap(rewrapping uuid, at_most integer); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.keys_to_rewrap(rewrapping uuid, at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.keys_to_rewrap(rewrapping uuid, at_most integer) TO retention;


--
-- Name: FUNCTION lock_for_destruction(doomed uuid[]); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.lock_for_destruction(doomed uuid[]) FROM PUBLIC;


--
-- Name: FUNCTION lock_open_epoch(); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.lock_open_epoch() FROM PUBLIC;


--
-- Name: FUNCTION lock_records(asked keyring.record_asked[]); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.lock_records(asked keyring.record_asked[]) FROM PUBLIC;


--
-- Name: FUNCTION lock_subjects(indexes bytea[]); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.lock_subjects(indexes bytea[]) FROM PUBLIC;


--
-- Name: FUNCTION make_keys(asked keyring.record_asked[], keys keyring.key_asked[], holds keyring.hold_asked[]); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.make_keys(asked keyring.record_asked[], keys keyring.key_asked[], holds keyring.hold_asked[]) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.make_keys(asked keyring.record_asked[], keys keyring.key_asked[], holds keyring.hold_asked[]) TO quotes;
GRANT ALL ON FUNCTION keyring.make_keys(asked keyring.record_asked[], keys keyring.key_asked[], holds keyring.hold_asked[]) TO consent;
GRANT ALL ON FUNCTION keyring.make_keys(asked keyring.record_asked[], keys keyring.key_asked[], holds keyring.hold_asked[]) TO billing;


--
-- Name: FUNCTION move_journal_mark(to_entries bigint, to_digest text); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.move_journal_mark(to_entries bigint, to_digest text) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.move_journal_mark(to_entries bigint, to_digest text) TO retention;


--
-- Name: FUNCTION note_backup(backed_up uuid, name text, digest text, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.note_backup(backed_up uuid, name text, digest text, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.note_backup(backed_up uuid, name text, digest text, at timestamp with time zone) TO retention;


--
-- Name: FUNCTION note_destroyed(ended uuid, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.note_destroyed(ended uuid, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.note_destroyed(ended uuid, at timestamp with time zone) TO retention;


--
-- Name: FUNCTION note_rewrapped(rewrapped uuid, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.note_rewrapped(rewrapped uuid, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.note_rewrapped(rewrapped uuid, at timestamp with time zone) TO retention;


--
-- Name: FUNCTION note_told(told uuid, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.note_told(told uuid, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.note_told(told uuid, at timestamp with time zone) TO retention;


--
-- Name: FUNCTION open_epoch(opening uuid, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.open_epoch(opening uuid, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.open_epoch(opening uuid, at timestamp with time zone) TO retention;


--
-- Name: FUNCTION open_keys(records uuid[], categories text[]); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.open_keys(records uuid[], categories text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.open_keys(records uuid[], categories text[]) TO quotes;
GRANT ALL ON FUNCTION keyring.open_keys(records uuid[], categories text[]) TO consent;
GRANT ALL ON FUNCTION keyring.open_keys(records uuid[], categories text[]) TO billing;


--
-- Name: FUNCTION place_hold(wanted keyring.hold_asked, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.place_hold(wanted keyring.hold_asked, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.place_hold(wanted keyring.hold_asked, at timestamp with time zone) TO quotes;
GRANT ALL ON FUNCTION keyring.place_hold(wanted keyring.hold_asked, at timestamp with time zone) TO billing;


--
-- Name: FUNCTION provisional_holds(category_wanted text, placed_before timestamp with time zone, at_most integer); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.provisional_holds(category_wanted text, placed_before timestamp with time zone, at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.provisional_holds(category_wanted text, placed_before timestamp with time zone, at_most integer) TO quotes;
GRANT ALL ON FUNCTION keyring.provisional_holds(category_wanted text, placed_before timestamp with time zone, at_most integer) TO billing;


--
-- Name: FUNCTION read_journal_mark(); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.read_journal_mark() FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.read_journal_mark() TO quotes;
GRANT ALL ON FUNCTION keyring.read_journal_mark() TO consent;
GRANT ALL ON FUNCTION keyring.read_journal_mark() TO billing;
GRANT ALL ON FUNCTION keyring.read_journal_mark() TO retention;
GRANT ALL ON FUNCTION keyring.read_journal_mark() TO operator;


--
-- Name: FUNCTION records_made(after uuid, made_before timestamp with time zone, at_most integer); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.records_made(after uuid, made_before timestamp with time zone, at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.records_made(after uuid, made_before timestamp with time zone, at_most integer) TO quotes;
GRANT ALL ON FUNCTION keyring.records_made(after uuid, made_before timestamp with time zone, at_most integer) TO consent;
GRANT ALL ON FUNCTION keyring.records_made(after uuid, made_before timestamp with time zone, at_most integer) TO billing;


--
-- Name: FUNCTION records_of(index_wanted bytea); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.records_of(index_wanted bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.records_of(index_wanted bytea) TO retention;


--
-- Name: FUNCTION records_with(known uuid); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.records_with(known uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.records_with(known uuid) TO retention;


--
-- Name: FUNCTION release_hold(held uuid, held_category text, held_reason text, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.release_hold(held uuid, held_category text, held_reason text, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.release_hold(held uuid, held_category text, held_reason text, at timestamp with time zone) TO billing;


--
-- Name: FUNCTION rewrap_keys(rewrapping uuid, keys keyring.key_rewrapped[]); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.rewrap_keys(rewrapping uuid, keys keyring.key_rewrapped[]) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.rewrap_keys(rewrapping uuid, keys keyring.key_rewrapped[]) TO retention;


--
-- Name: FUNCTION round_in(wanted uuid, wanted_state text); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.round_in(wanted uuid, wanted_state text) FROM PUBLIC;


--
-- Name: FUNCTION shred_status(); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.shred_status() FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.shred_status() TO retention;


--
-- Name: FUNCTION take_back_hold(held uuid, held_category text, held_reason text, placed_then timestamp with time zone, at timestamp with time zone); Type: ACL; Schema: keyring; Owner: -
--

REVOKE ALL ON FUNCTION keyring.take_back_hold(held uuid, held_category text, held_reason text, placed_then timestamp with time zone, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION keyring.take_back_hold(held uuid, held_category text, held_reason text, placed_then timestamp with time zone, at timestamp with time zone) TO quotes;
GRANT ALL ON FUNCTION keyring.take_back_hold(held uuid, held_category text, held_reason text, placed_then timestamp with time zone, at timestamp with time zone) TO billing;


--
-- Name: TABLE data_key; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.data_key TO keyring_backup;


--
-- Name: TABLE epoch; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.epoch TO operator;
GRANT SELECT ON TABLE keyring.epoch TO keyring_backup;


--
-- Name: TABLE fence; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.fence TO keyring_backup;


--
-- Name: TABLE fence_list; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.fence_list TO operator;
GRANT SELECT ON TABLE keyring.fence_list TO keyring_backup;


--
-- Name: TABLE hold; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.hold TO operator;
GRANT SELECT ON TABLE keyring.hold TO keyring_backup;


--
-- Name: TABLE journal_mark; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.journal_mark TO operator;
GRANT SELECT ON TABLE keyring.journal_mark TO keyring_backup;


--
-- Name: TABLE key_list; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.key_list TO operator;
GRANT SELECT ON TABLE keyring.key_list TO keyring_backup;


--
-- Name: TABLE record; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.record TO keyring_backup;


--
-- Name: TABLE record_list; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.record_list TO operator;
GRANT SELECT ON TABLE keyring.record_list TO keyring_backup;


--
-- Name: TABLE role_right; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.role_right TO operator;
GRANT SELECT ON TABLE keyring.role_right TO keyring_backup;


--
-- Name: TABLE subject; Type: ACL; Schema: keyring; Owner: -
--

GRANT SELECT ON TABLE keyring.subject TO keyring_backup;


--
-- PostgreSQL database dump complete
--

\unrestrict flux3d

