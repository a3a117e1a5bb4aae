-- name: read_choice_now
-- The present choices of these records.
select record, version, event_id, chosen_at, functional, analytical, advertisement, marketing,
       portfolio, source, notice_version, language, gpc, refused_by_signal
from choice_now
where record = any ($1::uuid[]);

-- name: write_choice_now
-- Insert or replace whole rows, a column per argument; lists come as text with commas.
insert into choice_now
    (record, version, event_id, chosen_at, functional, analytical, advertisement, marketing,
     portfolio, source, notice_version, language, gpc, refused_by_signal)
select record, version, event_id, chosen_at, functional, analytical, advertisement, marketing,
       portfolio, source, notice_version, language, gpc, string_to_array(refused, ',')
from unnest(
    $1::uuid[], $2::int[], $3::uuid[], $4::timestamptz[], $5::boolean[], $6::boolean[],
    $7::boolean[], $8::boolean[], $9::boolean[], $10::text[], $11::text[], $12::text[],
    $13::boolean[], $14::text[])
    as new (record, version, event_id, chosen_at, functional, analytical, advertisement, marketing,
            portfolio, source, notice_version, language, gpc, refused)
on conflict (record) do update set
    version = excluded.version, event_id = excluded.event_id, chosen_at = excluded.chosen_at,
    functional = excluded.functional, analytical = excluded.analytical,
    advertisement = excluded.advertisement, marketing = excluded.marketing,
    portfolio = excluded.portfolio, source = excluded.source,
    notice_version = excluded.notice_version, language = excluded.language,
    gpc = excluded.gpc, refused_by_signal = excluded.refused_by_signal;

-- name: delete_choice_now
-- Remove the rows of these records.
delete from choice_now where record = any ($1::uuid[]);

-- name: read_consent_history
-- The past choices with these keys.
select h.record, h.version, h.event_id, h.recorded_at, h.functional, h.analytical, h.advertisement,
       h.marketing, h.portfolio, h.source, h.notice_version, h.language, h.gpc, h.changed,
       h.refused_by_signal
from consent_history h
join unnest($1::uuid[], $2::int[]) as wanted (record, version) using (record, version);

-- name: write_consent_history
-- Insert rows, a column per argument; a row that is there already stays as it is.
insert into consent_history
    (record, version, event_id, recorded_at, functional, analytical, advertisement, marketing,
     portfolio, source, notice_version, language, gpc, changed, refused_by_signal)
select record, version, event_id, recorded_at, functional, analytical, advertisement, marketing,
       portfolio, source, notice_version, language, gpc, string_to_array(changed, ','),
       string_to_array(refused, ',')
from unnest(
    $1::uuid[], $2::int[], $3::uuid[], $4::timestamptz[], $5::boolean[], $6::boolean[],
    $7::boolean[], $8::boolean[], $9::boolean[], $10::text[], $11::text[], $12::text[],
    $13::boolean[], $14::text[], $15::text[])
    as new (record, version, event_id, recorded_at, functional, analytical, advertisement,
            marketing, portfolio, source, notice_version, language, gpc, changed, refused)
on conflict on constraint consent_history_pkey do nothing;

-- name: delete_consent_history
-- Remove the rows with these keys.
delete from consent_history h
using unnest($1::uuid[], $2::int[]) as gone (record, version)
where h.record = gone.record and h.version = gone.version;

-- name: read_rights_request
-- The rights requests with these ids.
select record, version, event_id, stage, "right", language, received_at, due_on, confirmed_at,
       completed_at, answered_at, told, erasure, erased, held, requester, erased_at
from rights_request
where record = any ($1::uuid[]);

-- name: write_rights_request
-- Insert or replace whole rows, a column per argument; lists come as JSON.
insert into rights_request
    (record, version, event_id, stage, "right", language, received_at, due_on, confirmed_at,
     completed_at, answered_at, told, erasure, erased, held, requester, erased_at)
select record, version, event_id, stage, "right", language, received_at, due_on, confirmed_at,
       completed_at, answered_at, told, erasure, erased::jsonb, held::jsonb, requester, erased_at
from unnest(
    $1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
    $8::date[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::boolean[],
    $13::uuid[], $14::text[], $15::text[], $16::bytea[], $17::timestamptz[])
    as new (record, version, event_id, stage, "right", language, received_at, due_on, confirmed_at,
            completed_at, answered_at, told, erasure, erased, held, requester, erased_at)
on conflict (record) do update set
    version = excluded.version, event_id = excluded.event_id, stage = excluded.stage,
    "right" = excluded."right", language = excluded.language, received_at = excluded.received_at,
    due_on = excluded.due_on, confirmed_at = excluded.confirmed_at,
    completed_at = excluded.completed_at, answered_at = excluded.answered_at, told = excluded.told,
    erasure = excluded.erasure, erased = excluded.erased, held = excluded.held,
    requester = excluded.requester, erased_at = excluded.erased_at;

-- name: delete_rights_request
-- Remove the rows with these ids.
delete from rights_request where record = any ($1::uuid[]);

-- name: read_policy_version
-- The publications with these keys.
select p.record, p.version, p.event_id, p.policy_version, p.effective_on, p.digest_sha256,
       p.published_at
from policy_version p
join unnest($1::uuid[], $2::int[]) as wanted (record, version) using (record, version);

-- name: write_policy_version
-- Insert rows, a column per argument; a row that is there already stays as it is.
insert into policy_version
    (record, version, event_id, policy_version, effective_on, digest_sha256, published_at)
select * from unnest(
    $1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::date[], $6::text[], $7::timestamptz[])
on conflict on constraint policy_version_pkey do nothing;

-- name: delete_policy_version
-- Remove the rows with these keys.
delete from policy_version p
using unnest($1::uuid[], $2::int[]) as gone (record, version)
where p.record = gone.record and p.version = gone.version;

-- name: find_choice_at
-- What counted for one visitor at a moment.
select record, version, event_id, recorded_at as chosen_at, functional, analytical, advertisement,
       marketing, portfolio, source, notice_version, language, gpc, refused_by_signal
from consent_history
where record = $1 and recorded_at <= $2
order by version desc
limit 1;

-- name: page_history
-- Choices in a stretch of time, oldest first, onward from a place in that order.
select record, version, event_id, recorded_at, functional, analytical, advertisement, marketing,
       portfolio, source, notice_version, language, gpc, changed, refused_by_signal
from consent_history
where (recorded_at, record, version) > ($1::timestamptz, $2::uuid, $3::int)
  and recorded_at < $4
  and ($5::text is null or $5 = any (changed))
order by recorded_at, record, version
limit $6;

-- name: page_history_of_record
-- Choices of one record in a stretch of time, oldest first, onward from a version.
select record, version, event_id, recorded_at, functional, analytical, advertisement, marketing,
       portfolio, source, notice_version, language, gpc, changed, refused_by_signal
from consent_history
where record = $1 and version > $2
  and recorded_at >= $3 and recorded_at < $4
  and ($5::text is null or $5 = any (changed))
order by version
limit $6;

-- name: count_open_requests
-- Requests confirmed and not yet answered, and how many of them are late by this date.
select count(*) as waiting, count(*) filter (where due_on < $1::date) as late
from rights_request
where answered_at is null and confirmed_at is not null;
