-- What the bench of histories prepares on the server.

-- name: drop_indexes
-- Many rows go in faster when their places are found afterwards.
alter table consent_history drop constraint consent_history_pkey;
drop index consent_history_by_time;

-- name: fill_history
-- So many choices of so many people, in turn, ids ordered by time as the service makes them.
insert into consent_history
    (record, version, event_id, recorded_at, functional, analytical, advertisement, marketing,
     portfolio, source, notice_version, language, gpc, changed, refused_by_signal)
select (lpad(to_hex(1577836800000 + number % $2::int), 12, '0') || '70008'
        || left(md5((number % $2::int)::text), 15))::uuid,
       number / $2::int + 1, uuidv7(), $3::timestamptz + number * interval '1 second', true,
       number % 3 = 0, number % 5 = 0, number % 2 = 0, false, 'banner', '2026.1', 'en', false,
       array['analytical', 'marketing'], array[]::text[]
from generate_series(0, $1::int - 1) as number;

-- name: make_indexes
-- As the migrations make them.
alter table consent_history add constraint consent_history_pkey primary key (record, version);
create unique index consent_history_by_time on consent_history (recorded_at, record, version);

-- name: settle
-- What autovacuum would have done by now.
vacuum analyze consent_history;

-- name: pick_people
-- Some people from all over.
select record from consent_history where version = 1 order by md5(record::text) limit $1;

-- name: find_place
-- The row after which a page so deep begins.
select recorded_at, record, version from consent_history
order by recorded_at, record, version offset $1::int - 1 limit 1;

-- name: answer_nothing
-- A question that costs its round trip only.
select 1;
