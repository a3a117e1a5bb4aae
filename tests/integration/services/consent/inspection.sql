-- name: read_everything
-- Whatever lies on disk about one record, as text.
select string_agg(data, '') || coalesce((select string_agg(body, '') from answer), '')
       || coalesce((select string_agg(requester::text, '') from rights_request), '')
from event
where record = $1;

-- name: count_facts
-- How many facts the log holds.
select count(*) from event;

-- name: find_requester
-- The box of one request.
select requester from rights_request where record = $1;

-- name: plant_plain_address
-- Plaintext where a box should be.
update rights_request set requester = $1;

-- name: plant_stale_choice
-- A present choice that is not the last one in the log.
update choice_now set event_id = $1;

-- name: plant_ignored_signal
-- A choice under a signal that turned on what the signal refuses.
update consent_history set gpc = true, source = 'banner', analytical = true;

-- name: plant_unanswered_request
-- A confirmed request that ran past its last day.
update rights_request set confirmed_at = received_at, due_on = '2020-01-01';

-- name: plant_history
-- Many past choices of many records.
insert into consent_history
select md5((i % 2000)::text)::uuid, i / 2000 + 1, md5('e' || i)::uuid,
       '2020-01-01'::timestamptz + i * interval '1 minute', true, false, false, false, false,
       'banner', '1', 'en', false, '{functional}', '{}'
from generate_series(0, 19999) as i;

-- name: analyze_history
-- Tell the planner what lies there.
analyze consent_history;

-- name: explain_page
-- How a page by time is read.
explain (format text)
select record
from consent_history
where (recorded_at, record, version) >
      ('2020-01-05'::timestamptz, '00000000-0000-0000-0000-000000000000'::uuid, 0)
  and recorded_at < '2021-01-01'
  and (null::text is null or null::text = any (changed))
order by recorded_at, record, version
limit 50;

-- name: explain_choice_at
-- How a past moment of one record is read.
explain (format text)
select event_id
from consent_history
where record = md5('7')::uuid and recorded_at <= '2020-01-05'
order by version desc
limit 1;
