-- migrate:up
-- A view can be rebuilt beside the live one and put in its place, by the service and nobody else.
set lock_timeout = '5s';

create function shadow_schema(view_name text) returns text language sql immutable as $$
    select 'shadow_' || view_name
$$;

create function is_view(view_name text) returns boolean language sql stable as $$
    select exists (
        select 1 from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = 'public' and relname = view_name and relkind = 'r'
          and relname not in ('event', 'outbox', 'relay_epoch', 'effect', 'answer', 'inbox_offset',
                              'inbox_record', 'parked', 'parked_drop', 'schema_migrations'))
$$;

create function drop_shadow(view_name text) returns void
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    execute format('drop schema if exists %I cascade', shadow_schema(view_name));
end $$;

create function make_shadow(view_name text) returns void
    language plpgsql security definer set search_path = pg_catalog, public as $$
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

create function digest_view(schema_name text, view_name text, out row_count bigint, out digest text)
    language plpgsql stable as $$
begin
    execute format(
        'select count(*), md5(coalesce(string_agg(row_hash, '''' order by row_hash), ''''))
         from (select md5(one::text) as row_hash from %I.%I as one) as hashes',
        schema_name, view_name) into row_count, digest;
end $$;

create function differing_rows(view_name text, row_limit int)
    returns table (side text, row_text text) language plpgsql stable as $$
begin
    return query execute format(
        'with live as (select one::text as row_text from public.%1$I as one),
              shadow as (select one::text as row_text from %2$I.%1$I as one)
         select ''live''::text, row_text from (table live except table shadow) as only_live
         union all
         select ''rebuilt''::text, row_text from (table shadow except table live) as only_shadow
         limit %3$s', view_name, shadow_schema(view_name), row_limit);
end $$;

create function lock_view(view_name text) returns void
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    if not is_view(view_name) then
        raise exception 'there is no view %', view_name;
    end if;
    execute format('lock table public.%I in exclusive mode', view_name);
end $$;

-- The rebuilt table takes over the names and rights of the one it replaces.
create function switch_view(view_name text) returns void
    language plpgsql security definer set search_path = pg_catalog, public as $$
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

revoke execute on function make_shadow(text), drop_shadow(text), lock_view(text), switch_view(text) from public;

do $$
declare
    service name := split_part(current_database(), '_', 1);
begin
    execute format('grant execute on function make_shadow(text), drop_shadow(text), lock_view(text), switch_view(text) to %I', service);
end $$;

-- migrate:down
