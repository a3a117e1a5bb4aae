-- name: read_log_boxes
-- The head of each sealed part in the newest receipts; the box begins with what it is sealed for.
select event_id, left(data::jsonb ->> 'requester', 160) as box_head
from event
where name = 'RightsRequestReceived'
order by position desc
limit $1;

-- name: read_view_boxes
-- The head of each sealed part in the view, newest requests first.
select event_id, substring(requester from 1 for 120) as box_head
from rights_request
where requester is not null
order by record desc
limit $1;

-- name: find_incomplete_choices
-- Choices in the log that miss an answer, a source, a notice version or a language.
select event_id
from event
where name = 'ConsentChanged'
  and not (data::jsonb ?& array['functional', 'analytical', 'advertisement', 'marketing',
                                'portfolio', 'necessary', 'gpc']
           and coalesce(data::jsonb ->> 'source', '') <> ''
           and coalesce(data::jsonb ->> 'notice_version', '') <> ''
           and coalesce(data::jsonb ->> 'language', '') <> '')
order by position
limit $1;

-- name: find_ignored_signals
-- Choices under a signal that turned on what the signal refuses.
select event_id
from consent_history
where gpc and ((source = 'banner' and (analytical or advertisement or marketing))
               or (version = 1 and (analytical or advertisement)))
order by recorded_at
limit $1;

-- name: find_stale_choices
-- Records whose present choice in the view is not the last one in the log.
select coalesce(now_row.event_id, last_fact.event_id) as event_id
from (select distinct on (record) record, event_id, name, data
      from event
      where name = 'ConsentChanged'
         or (name = 'RecordScrubbed' and data::jsonb -> 'categories' ? 'consent')
      order by record, version desc) as last_fact
full join choice_now as now_row using (record)
where case last_fact.name
          when 'ConsentChanged' then now_row.event_id is distinct from last_fact.event_id
          else now_row.record is not null
      end
limit $1;

-- name: find_early_prompts
-- Banner choices within the term after a refusal under the same notice version.
select event_id
from (select event_id, source, recorded_at, notice_version,
             lag(recorded_at) over past as before_at,
             lag(notice_version) over past as before_notice,
             lag(functional or analytical or advertisement) over past as before_given
      from consent_history
      window past as (partition by record order by version)) as choice
where source = 'banner' and before_given = false and before_notice = notice_version
  and recorded_at < before_at + make_interval(months => $1)
order by recorded_at
limit $2;

-- name: count_choices
-- How many choices are kept, how many under a signal, how many refuse every category.
select count(*) as choices, count(*) filter (where gpc) as under_signal,
       count(*) filter (where not (functional or analytical or advertisement)) as refusals
from consent_history;

-- name: find_unscrubbed
-- Scrubs after which something of the erased category is still in a view.
select e.event_id
from event e
left join rights_request r on r.record = e.record
left join choice_now c on c.record = e.record
where e.name = 'RecordScrubbed'
  and ((r.requester is not null and e.data::jsonb -> 'categories' ? 'rights_request')
       or (c.record is not null and e.data::jsonb -> 'categories' ? 'consent'))
order by e.position
limit $1;

-- name: count_scrubbed
-- How many records were scrubbed.
select count(distinct record) as records from event where name = 'RecordScrubbed';

-- name: find_late_requests
-- Confirmed requests answered after their last day, or not at all and that day is over.
select event_id
from rights_request
where confirmed_at is not null
  and coalesce(answered_at, $1) >= (due_on + 1)::timestamp at time zone 'Europe/Amsterdam'
order by due_on
limit $2;

-- name: find_remembered_requesters
-- Requests that ended before this moment, answered or never confirmed, and still hold an address.
select event_id
from rights_request
where requester is not null
  and case when confirmed_at is null
           then (due_on + 1)::timestamp at time zone 'Europe/Amsterdam' < $1
           else answered_at < $1 end
order by due_on
limit $2;

-- name: count_requests
-- How many requests there are and how far they have come.
select count(*) as received, count(confirmed_at) as confirmed, count(answered_at) as answered,
       count(erased_at) as forgotten
from rights_request;

-- name: find_last_publication
-- The newest publication of the policy in the log.
select event_id, data from event where name = 'PolicyPublished' order by position desc limit 1;

-- name: count_publications
-- How many times a policy was published.
select count(*) as publications from policy_version;
