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
-- Name: differing_rows(text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.differing_rows(view_name text, row_limit integer) RETURNS TABLE(side text, row_key text)
    LANGUAGE plpgsql STABLE
    AS $_$
declare
    key_columns text;
begin
    select string_agg(format('%L, one.%I', attname, attname), ', ' order by place) into key_columns
    from pg_index, unnest(indkey) with ordinality as key (number, place), pg_attribute
    where indrelid = format('public.%I', view_name)::regclass and indisprimary
      and attrelid = indrelid and attnum = key.number;
    return query execute format(
        'with live as (select jsonb_build_object(%3$s)::text as name, md5(one::text) as row_hash
                       from public.%1$I as one),
              shadow as (select jsonb_build_object(%3$s)::text as name, md5(one::text) as row_hash
                         from %2$I.%1$I as one)
         select case when shadow.name is null then ''only live''
                     when live.name is null then ''only rebuilt'' else ''differs'' end,
                coalesce(live.name, shadow.name)
         from live full join shadow on live.name = shadow.name
         where live.row_hash is distinct from shadow.row_hash order by 2 limit %4$s',
        view_name, shadow_schema(view_name), key_columns, row_limit);
end $_$;


--
-- Name: digest_view(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.digest_view(schema_name text, view_name text, OUT row_count bigint, OUT digest text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
begin
    execute format(
        'select count(*), md5(concat_ws('' '', sum(hashbyteaextended(row_bytes, 0)), sum(hashbyteaextended(row_bytes, 1))))
         from (select record_send(one) as row_bytes from %I.%I as one offset 0) as sent',
        schema_name, view_name) into row_count, digest;
end $$;


--
-- Name: drop_shadow(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.drop_shadow(view_name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
begin
    execute format('drop schema if exists %I cascade', shadow_schema(view_name));
end $$;


--
-- Name: is_view(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.is_view(view_name text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select exists (
        select 1 from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = 'public' and relname = view_name and relkind = 'r'
          and relname not in ('event', 'outbox', 'relay_epoch', 'effect', 'answer', 'inbox_offset',
                              'inbox_record', 'parked', 'parked_drop', 'hearing_stop',
                              'schema_migrations'))
$$;


--
-- Name: lock_view(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.lock_view(view_name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
begin
    if not is_view(view_name) then
        raise exception 'there is no view %', view_name;
    end if;
    execute format('lock table public.%I in exclusive mode', view_name);
end $$;


--
-- Name: lock_view_to_switch(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.lock_view_to_switch(view_name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
begin
    if not is_view(view_name) then
        raise exception 'there is no view %', view_name;
    end if;
    execute format('lock table public.%I in access exclusive mode', view_name);
end $$;


--
-- Name: make_shadow(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.make_shadow(view_name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
begin
    if not is_view(view_name) then
        raise exception 'there is no view %', view_name;
    end if;
    perform drop_shadow(view_name);
    execute format('create schema %I', shadow_schema(view_name));
    execute format('create table %I.%I (like public.%I including all)',
                   shadow_schema(view_name), view_name, view_name);
    execute format('grant usage on schema %I to %I', shadow_schema(view_name), session_user);
    execute format('grant select, insert, update, delete on %I.%I to %I',
                   shadow_schema(view_name), view_name, session_user);
end $$;


--
-- Name: refuse_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'events are never changed or deleted';
end $$;


--
-- Name: shadow_schema(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.shadow_schema(view_name text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    select 'shadow_' || view_name
$$;


--
-- Name: switch_view(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.switch_view(view_name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
declare
    old_table regclass := format('public.%I', view_name)::regclass;
    new_table regclass := format('%I.%I', shadow_schema(view_name), view_name)::regclass;
    one record;
begin
    create temporary table index_names on commit drop as
        select new_index.indexrelid as new_index, old_class.relname as old_name
        from pg_index as old_index
        join pg_class as old_class on old_class.oid = old_index.indexrelid
        join pg_index as new_index
            on new_index.indrelid = new_table
            and new_index.indkey = old_index.indkey
            and new_index.indisunique = old_index.indisunique
            and new_index.indoption = old_index.indoption
            and pg_get_expr(new_index.indpred, new_table, true)
                is not distinct from pg_get_expr(old_index.indpred, old_table, true)
            and pg_get_expr(new_index.indexprs, new_table, true)
                is not distinct from pg_get_expr(old_index.indexprs, old_table, true)
        where old_index.indrelid = old_table;
    for one in select grantee::regrole::text as grantee, privilege_type
               from pg_class, aclexplode(relacl) where pg_class.oid = old_table loop
        execute format('grant %s on %s to %s', one.privilege_type, new_table, one.grantee);
    end loop;
    execute format('drop table public.%I', view_name);
    -- In two steps, because the twin of one index may bear the name of another.
    for one in select new_index from index_names loop
        execute format('alter index %s rename to %I', one.new_index::regclass, 'twin_' || one.new_index);
    end loop;
    for one in select new_index, old_name from index_names loop
        execute format('alter index %s rename to %I', one.new_index::regclass, one.old_name);
    end loop;
    execute format('alter table %s set schema public', new_table);
    perform drop_shadow(view_name);
end $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: answer; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.answer (
    scope text NOT NULL,
    key_hash bytea NOT NULL,
    fingerprint bytea NOT NULL,
    status integer NOT NULL,
    body text NOT NULL,
    answered_at timestamp with time zone NOT NULL
);


--
-- Name: clock; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.clock (
    record uuid NOT NULL,
    category text NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    changed_by uuid NOT NULL,
    kind text,
    clause text,
    reason text,
    started_at timestamp with time zone,
    due_at timestamp with time zone,
    basis text,
    until_on date,
    held_at timestamp with time zone,
    erasure uuid,
    erased_at timestamp with time zone,
    sweep_at timestamp with time zone,
    CONSTRAINT clock_state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'due'::text, 'held'::text, 'erased'::text])))
);


--
-- Name: effect; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.effect (
    "position" bigint NOT NULL,
    effect text NOT NULL,
    not_before timestamp with time zone DEFAULT now() NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    last_error text
);


--
-- Name: erasure_progress; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.erasure_progress (
    erasure uuid NOT NULL,
    begun_at timestamp with time zone,
    begun_by uuid,
    cause text,
    request uuid,
    records uuid[] NOT NULL,
    erased jsonb NOT NULL,
    held jsonb NOT NULL,
    answers jsonb NOT NULL,
    completed_at timestamp with time zone,
    completed_by uuid,
    certificate text,
    shredded jsonb DEFAULT '[]'::jsonb NOT NULL,
    is_recoverable boolean DEFAULT false NOT NULL,
    asked_again_at timestamp with time zone,
    ask_next_at timestamp with time zone
);


--
-- Name: event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.event (
    "position" bigint NOT NULL,
    event_id uuid NOT NULL,
    record uuid NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    schema_version integer NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    correlation_id uuid NOT NULL,
    causation_id uuid,
    traceparent text,
    data text NOT NULL,
    transaction_id xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT event_version_is_positive CHECK ((version > 0))
);


--
-- Name: event_position_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.event ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.event_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: hearing_stop; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.hearing_stop (
    stop_id bigint NOT NULL,
    topic text NOT NULL,
    parked_messages integer NOT NULL,
    recent_messages integer NOT NULL,
    stopped_at timestamp with time zone NOT NULL,
    resumed_at timestamp with time zone,
    resumed_by text
);


--
-- Name: hearing_stop_stop_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.hearing_stop ALTER COLUMN stop_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.hearing_stop_stop_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: inbox_offset; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inbox_offset (
    topic text NOT NULL,
    kafka_partition integer NOT NULL,
    next_offset bigint NOT NULL,
    owner_epoch bigint NOT NULL,
    last_event_id uuid,
    moved_at timestamp with time zone DEFAULT now() NOT NULL,
    counted_from bigint DEFAULT 0 NOT NULL
);


--
-- Name: inbox_record; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inbox_record (
    topic text NOT NULL,
    record uuid NOT NULL,
    last_version integer NOT NULL,
    held_back boolean DEFAULT false NOT NULL
);


--
-- Name: outbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox (
    "position" bigint NOT NULL,
    refused_reason text
);


--
-- Name: parked; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parked (
    parked_id bigint NOT NULL,
    topic text NOT NULL,
    kafka_partition integer NOT NULL,
    kafka_offset bigint NOT NULL,
    record uuid,
    version integer,
    name text,
    reason text NOT NULL,
    detail text NOT NULL,
    key bytea,
    value bytea,
    headers jsonb NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    retries integer DEFAULT 0 NOT NULL
);


--
-- Name: parked_drop; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parked_drop (
    parked_id bigint NOT NULL,
    topic text NOT NULL,
    kafka_partition integer NOT NULL,
    kafka_offset bigint NOT NULL,
    record uuid,
    name text,
    reason text NOT NULL,
    dropped_because text NOT NULL,
    dropped_by text NOT NULL,
    dropped_at timestamp with time zone NOT NULL
);


--
-- Name: parked_parked_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.parked ALTER COLUMN parked_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.parked_parked_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: relay_epoch; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.relay_epoch (
    shard integer NOT NULL,
    epoch bigint NOT NULL,
    hold_asked_at timestamp with time zone,
    held_at timestamp with time zone,
    CONSTRAINT held_when_asked CHECK (((held_at IS NULL) OR (hold_asked_at IS NOT NULL)))
);


--
-- Name: sweep_state; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sweep_state (
    only_row boolean DEFAULT true NOT NULL,
    last_swept_at timestamp with time zone,
    stopped_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    CONSTRAINT sweep_state_is_one_row CHECK (only_row)
);


--
-- Name: answer answer_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.answer
    ADD CONSTRAINT answer_pkey PRIMARY KEY (scope, key_hash);


--
-- Name: clock clock_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (record, category);


--
-- Name: effect effect_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effect
    ADD CONSTRAINT effect_pkey PRIMARY KEY ("position", effect);


--
-- Name: erasure_progress erasure_progress_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.erasure_progress
    ADD CONSTRAINT erasure_progress_pkey PRIMARY KEY (erasure);


--
-- Name: event event_id_is_unique; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_id_is_unique UNIQUE (event_id);


--
-- Name: event event_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY ("position");


--
-- Name: event event_version_is_unique; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_version_is_unique UNIQUE (record, version);


--
-- Name: hearing_stop hearing_stop_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.hearing_stop
    ADD CONSTRAINT hearing_stop_pkey PRIMARY KEY (stop_id);


--
-- Name: inbox_offset inbox_offset_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbox_offset
    ADD CONSTRAINT inbox_offset_pkey PRIMARY KEY (topic, kafka_partition);


--
-- Name: inbox_record inbox_record_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbox_record
    ADD CONSTRAINT inbox_record_pkey PRIMARY KEY (topic, record);


--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY ("position");


--
-- Name: parked_drop parked_drop_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parked_drop
    ADD CONSTRAINT parked_drop_pkey PRIMARY KEY (parked_id);


--
-- Name: parked parked_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parked
    ADD CONSTRAINT parked_once UNIQUE (topic, kafka_partition, kafka_offset);


--
-- Name: parked parked_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (parked_id);


--
-- Name: relay_epoch relay_epoch_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.relay_epoch
    ADD CONSTRAINT relay_epoch_pkey PRIMARY KEY (shard);


--
-- Name: sweep_state sweep_state_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sweep_state
    ADD CONSTRAINT sweep_state_pkey PRIMARY KEY (only_row);


--
-- Name: answer_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX answer_by_time ON public.answer USING btree (answered_at);


--
-- Name: clock_by_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX clock_by_due ON public.clock USING btree (due_at, record, category) WHERE (state = 'open'::text);


--
-- Name: clock_held; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX clock_held ON public.clock USING btree (record, category) WHERE (state = 'held'::text);


--
-- Name: clock_to_sweep; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX clock_to_sweep ON public.clock USING btree (sweep_at, record, category) WHERE (sweep_at IS NOT NULL);


--
-- Name: effect_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX effect_by_time ON public.effect USING btree (not_before);


--
-- Name: erasure_recoverable; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX erasure_recoverable ON public.erasure_progress USING btree (completed_at) WHERE is_recoverable;


--
-- Name: erasure_under_way; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX erasure_under_way ON public.erasure_progress USING btree (begun_at) WHERE (completed_at IS NULL);


--
-- Name: event_by_transaction; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX event_by_transaction ON public.event USING btree (transaction_id, "position");


--
-- Name: event_of_destruction; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX event_of_destruction ON public.event USING btree (record, version) WHERE (name = ANY (ARRAY['RecordErased'::text, 'RecordHeld'::text]));


--
-- Name: hearing_stop_is_one; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX hearing_stop_is_one ON public.hearing_stop USING btree ((true)) WHERE (resumed_at IS NULL);


--
-- Name: outbox_refused; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_refused ON public.outbox USING btree ("position") WHERE (refused_reason IS NOT NULL);


--
-- Name: parked_by_record; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parked_by_record ON public.parked USING btree (topic, record, kafka_offset);


--
-- Name: event event_is_never_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER event_is_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();


--
-- Name: FUNCTION drop_shadow(view_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.drop_shadow(view_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.drop_shadow(view_name text) TO retention;


--
-- Name: FUNCTION lock_view(view_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.lock_view(view_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lock_view(view_name text) TO retention;


--
-- Name: FUNCTION lock_view_to_switch(view_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.lock_view_to_switch(view_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lock_view_to_switch(view_name text) TO retention;


--
-- Name: FUNCTION make_shadow(view_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.make_shadow(view_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.make_shadow(view_name text) TO retention;


--
-- Name: FUNCTION switch_view(view_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.switch_view(view_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.switch_view(view_name text) TO retention;


--
-- Name: TABLE answer; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.answer TO retention;


--
-- Name: TABLE clock; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.clock TO retention;
GRANT SELECT ON TABLE public.clock TO operator;


--
-- Name: TABLE effect; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.effect TO retention;
GRANT SELECT ON TABLE public.effect TO operator;


--
-- Name: TABLE erasure_progress; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.erasure_progress TO retention;
GRANT SELECT ON TABLE public.erasure_progress TO operator;


--
-- Name: TABLE event; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.event TO retention;
GRANT SELECT ON TABLE public.event TO operator;


--
-- Name: SEQUENCE event_position_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.event_position_seq TO retention;


--
-- Name: TABLE hearing_stop; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.hearing_stop TO retention;
GRANT SELECT ON TABLE public.hearing_stop TO operator;


--
-- Name: SEQUENCE hearing_stop_stop_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.hearing_stop_stop_id_seq TO retention;


--
-- Name: TABLE inbox_offset; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inbox_offset TO retention;
GRANT SELECT ON TABLE public.inbox_offset TO operator;


--
-- Name: TABLE inbox_record; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inbox_record TO retention;
GRANT SELECT ON TABLE public.inbox_record TO operator;


--
-- Name: TABLE outbox; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO retention;
GRANT SELECT ON TABLE public.outbox TO operator;


--
-- Name: TABLE parked; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.parked TO retention;
GRANT SELECT ON TABLE public.parked TO operator;


--
-- Name: TABLE parked_drop; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.parked_drop TO retention;
GRANT SELECT ON TABLE public.parked_drop TO operator;


--
-- Name: SEQUENCE parked_parked_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.parked_parked_id_seq TO retention;


--
-- Name: TABLE relay_epoch; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,UPDATE ON TABLE public.relay_epoch TO retention;
GRANT SELECT ON TABLE public.relay_epoch TO operator;


--
-- Name: TABLE sweep_state; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,UPDATE ON TABLE public.sweep_state TO retention;
GRANT SELECT ON TABLE public.sweep_state TO operator;


--
-- PostgreSQL database dump complete
--

\unrestrict flux3d

