-- Why: the keyring remembers how far of the erasure journal it has seen, in the same database as its
-- fences, so that a keyring restored from a backup is known to be older than the journal.
-- migrate:up
set lock_timeout = '5s';

-- One row: every line of the journal up to this one is fenced here.
create table keyring.journal_mark (
    is_only boolean primary key default true check (is_only),
    entries bigint  not null check (entries >= 0),
    digest  text    not null check (length(digest) = 64)
);
insert into keyring.journal_mark (entries, digest) values (0, repeat('0', 64));

-- Up to which line of the journal everything is fenced.
create function keyring.read_journal_mark() returns table (entries bigint, digest text)
language sql stable security definer set search_path = keyring, pg_temp as $$
    select m.entries, m.digest from journal_mark m
$$;

-- Everything up to this line is fenced; the mark never goes back.
create function keyring.move_journal_mark(to_entries bigint, to_digest text) returns void
language plpgsql security definer set search_path = keyring, pg_temp as $$
begin
    perform check_right('destroy', array['*']);
    update journal_mark m set entries = to_entries, digest = to_digest
    where m.entries < to_entries;
end $$;

-- Which of these (record, category) have no fence, though the journal says that they were destroyed.
create function keyring.find_unfenced(records uuid[], categories text[])
returns table (record uuid, category text)
language sql stable security definer set search_path = keyring, pg_temp as $$
    select w.record, w.category from unnest(records, categories) as w(record, category)
    where not exists (select from fence f
                      where f.record = w.record and f.category = w.category)
$$;

-- Destroys these categories of a record as the journal says, whatever holds a restored state shows:
-- the hold was over when they were destroyed first. Fences also what this state never knew.
create function keyring.destroy_again(
    doomed uuid, categories text[], by_erasure uuid, at timestamptz
) returns void
language plpgsql security definer set search_path = keyring, pg_temp as $$
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
    select doomed, c.category, at, by_erasure,
           coalesce(array_agg(distinct d.epoch) filter (where d.epoch is not null), '{}'),
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

revoke all on function keyring.read_journal_mark, keyring.move_journal_mark, keyring.find_unfenced,
    keyring.destroy_again from public;
grant execute on function keyring.read_journal_mark, keyring.find_unfenced
    to quotes, consent, billing, retention, operator;
grant execute on function keyring.move_journal_mark, keyring.destroy_again to retention;
grant select on keyring.journal_mark to operator;

-- migrate:down
drop function keyring.destroy_again, keyring.find_unfenced, keyring.move_journal_mark,
    keyring.read_journal_mark;
drop table keyring.journal_mark;
