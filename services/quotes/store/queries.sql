-- name: read_quote_status
-- The rows of these records.
select record, version, stage, language, requested_at, last_contact_at, offer, amount_cents,
       currency, valid_until_on, offered_at, answered_at, accepted_at, started_at, completed_at,
       delivered_on, details, quote_erased_at, billing_erased_at
from quote_status
where record = any ($1::uuid[]);

-- name: write_quote_status
-- Insert or replace whole rows, a column per argument.
insert into quote_status
    (record, version, stage, language, requested_at, last_contact_at, offer, amount_cents, currency,
     valid_until_on, offered_at, answered_at, accepted_at, started_at, completed_at, delivered_on,
     details, quote_erased_at, billing_erased_at)
select * from unnest(
    $1::uuid[], $2::int[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::int[],
    $8::bigint[], $9::text[], $10::date[], $11::timestamptz[], $12::timestamptz[],
    $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::date[], $17::bytea[],
    $18::timestamptz[], $19::timestamptz[])
on conflict (record) do update set
    version = excluded.version, stage = excluded.stage, language = excluded.language,
    requested_at = excluded.requested_at, last_contact_at = excluded.last_contact_at,
    offer = excluded.offer, amount_cents = excluded.amount_cents, currency = excluded.currency,
    valid_until_on = excluded.valid_until_on, offered_at = excluded.offered_at,
    answered_at = excluded.answered_at, accepted_at = excluded.accepted_at,
    started_at = excluded.started_at, completed_at = excluded.completed_at,
    delivered_on = excluded.delivered_on, details = excluded.details,
    quote_erased_at = excluded.quote_erased_at, billing_erased_at = excluded.billing_erased_at;

-- name: delete_quote_status
-- Remove the rows of these records.
delete from quote_status where record = any ($1::uuid[]);

-- name: find_quote
-- One quote.
select record, version, stage, language, requested_at, last_contact_at, offer, amount_cents,
       currency, valid_until_on, offered_at, answered_at, accepted_at, started_at, completed_at,
       delivered_on, details, quote_erased_at, billing_erased_at
from quote_status
where record = $1;

-- name: list_quotes
-- A page of quotes, newest first, before this record; ids are ordered by time.
select record, version, stage, language, requested_at, last_contact_at, offer, amount_cents,
       currency, valid_until_on, offered_at, answered_at, accepted_at, started_at, completed_at,
       delivered_on, details, quote_erased_at, billing_erased_at
from quote_status
where record < $1
order by record desc
limit $2;

-- name: find_ended_offers
-- Offers that were valid until a day before this one, longest ended first.
select record
from quote_status
where stage = 'offered' and valid_until_on < $1 and quote_erased_at is null
order by valid_until_on, record
limit $2;

-- name: read_log_boxes
-- The head of each personal part in the newest events, with the place it should be sealed for.
select e.event_id, e.name, part.field,
       left(e.data::jsonb ->> part.field, 160) as box_head
from (select * from event
      where name in ('QuoteRequested', 'QuoteAccepted')
      order by position desc limit $1) as e
cross join lateral (values (case e.name when 'QuoteRequested' then 'details' else 'party' end))
    as part(field);

-- name: read_view_boxes
-- The head of each personal part in the view, newest quotes first.
select record, substring(details from 1 for 120) as box_head
from quote_status
where details is not null
order by record desc
limit $1;

-- name: find_unscrubbed
-- Scrubs after which a box of the erased category is still in the view.
select e.event_id
from event e join quote_status q on q.record = e.record
where e.name = 'RecordScrubbed' and q.details is not null
  and e.data::jsonb -> 'categories' ? 'quote'
order by e.position
limit $1;

-- name: count_scrubbed
-- How many records were scrubbed.
select count(distinct record) as records from event where name = 'RecordScrubbed';
