-- name: find_offer
-- The offer that stands.
select offer, valid_until_on from quote_status where record = $1;

-- name: read_everything
-- Whatever lies on disk about a quote, as text.
select e.data || q.details::text || (select string_agg(body, '') from answer)
from event e join quote_status q using (record)
where record = $1;

-- name: count_quotes
-- How many quotes there are.
select count(*) from quote_status;

-- name: find_details
-- The box of one quote.
select details from quote_status where record = $1;

-- name: plant_breach
-- Plaintext where a box should be, and where nothing should be any more.
update quote_status set details = $1, quote_erased_at = null;

-- name: avoid_scans
-- A table this small would be read whole; large ones are not.
set local enable_seqscan = off;
