-- migrate:up
-- Hearing that stopped itself stays stopped until somebody resumes it; differing rows are named by their keys.
set lock_timeout = '5s';

create table hearing_stop (
    stop_id bigint generated always as identity primary key,
    topic text not null,
    parked_messages int not null,
    recent_messages int not null,
    stopped_at timestamptz not null,
    resumed_at timestamptz,
    resumed_by text
);
create unique index hearing_stop_is_one on hearing_stop ((true)) where resumed_at is null;

-- From here on parked messages count towards the next stop.
alter table inbox_offset add column counted_from bigint not null default 0;

create or replace function is_view(view_name text) returns boolean language sql stable as $$
    select exists (
        select 1 from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = 'public' and relname = view_name and relkind = 'r'
          and relname not in ('event', 'outbox', 'relay_epoch', 'effect', 'answer', 'inbox_offset',
                              'inbox_record', 'parked', 'parked_drop', 'hearing_stop',
                              'schema_migrations'))
$$;

drop function differing_rows(text, int);
create function differing_rows(view_name text, row_limit int)
    returns table (side text, row_key text) language plpgsql stable as $$
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
end $$;

do $$
declare
    service name := split_part(current_database(), '_', 1);
begin
    execute format('grant select, insert, update on hearing_stop to %I', service);
    execute format('grant usage on all sequences in schema public to %I', service);
    grant select on hearing_stop to operator;
end $$;

-- migrate:down
