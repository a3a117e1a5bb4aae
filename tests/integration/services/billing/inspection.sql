-- name: plant_plaintext
-- Plaintext where a box should be.
update order_register set party = $2 where record = $1;

-- name: plant_early_date
-- A hold that would end before its term.
update hold set until_on = until_on - 400 where record = $1;

-- name: plant_lost_number
-- A number that was taken and stands on no invoice.
update invoice_series set last_number = last_number + 1;

-- name: delete_number
-- What nobody may do: begin to count again.
delete from invoice_series;

-- name: find_last_number
-- The last number taken.
select max(last_number) from invoice_series;

-- name: read_everything
-- Whatever lies in the database about a record, as text.
select e.data || coalesce(o.party::text, '') || coalesce(i.party::text, '')
from event as e left join order_register as o using (record)
left join invoice_register as i using (record)
where record = $1;
