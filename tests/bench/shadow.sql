-- name: fill_shadow
-- So many rows of quotes long erased, their ids in the order of time and before all others.
insert into shadow_quote_status.quote_status
    (record, version, stage, language, requested_at, last_contact_at, offer, amount_cents, currency,
     valid_until_on, offered_at, answered_at, quote_erased_at)
select uuidv7(make_interval(secs => number * 0.1) - interval '10 years'), 4, 'declined', 'en',
       now(), now(), 1, 123450, 'EUR', current_date, now(), now(), now()
from generate_series(1, $1) as number;

-- name: count_folded
-- How many quotes from a record on are in the twin.
select count(*) from shadow_quote_status.quote_status where record >= $1;

-- name: empty_shadow
-- Take out the quotes from a record on.
delete from shadow_quote_status.quote_status where record >= $1;

-- name: vacuum_shadow
-- Give back the room of the rows taken out.
vacuum (analyze) shadow_quote_status.quote_status;
