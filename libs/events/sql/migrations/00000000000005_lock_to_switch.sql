-- migrate:up
-- Why: a view that is switched is locked once, as strongly as it will be needed; to raise a lock in the
-- middle of the transaction is a deadlock with any writer that has begun to look at the view.
set lock_timeout = '5s';

create function lock_view_to_switch(view_name text) returns void
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    if not is_view(view_name) then
        raise exception 'there is no view %', view_name;
    end if;
    execute format('lock table public.%I in access exclusive mode', view_name);
end $$;

revoke execute on function lock_view_to_switch(text) from public;

do $$
begin
    execute format('grant execute on function lock_view_to_switch(text) to %I',
                   split_part(current_database(), '_', 1));
end $$;

-- migrate:down
