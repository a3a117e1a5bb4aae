-- name: read_order_register
-- The rows of these records.
select record, version, placed_event, placed_at, placed_on, amount_cents, currency, language,
       party, number, erased_at
from order_register
where record = any ($1::uuid[]);

-- name: write_order_register
-- Insert or replace whole rows, a column per argument.
insert into order_register
    (record, version, placed_event, placed_at, placed_on, amount_cents, currency, language, party,
     number, erased_at)
select * from unnest(
    $1::uuid[], $2::int[], $3::uuid[], $4::timestamptz[], $5::date[], $6::bigint[], $7::text[],
    $8::text[], $9::bytea[], $10::text[], $11::timestamptz[])
on conflict (record) do update set
    version = excluded.version, placed_event = excluded.placed_event,
    placed_at = excluded.placed_at, placed_on = excluded.placed_on,
    amount_cents = excluded.amount_cents, currency = excluded.currency,
    language = excluded.language, party = excluded.party, number = excluded.number,
    erased_at = excluded.erased_at;

-- name: delete_order_register
-- Remove the rows of these records.
delete from order_register where record = any ($1::uuid[]);

-- name: list_orders
-- A page of orders, newest first, before this record; ids are ordered by time.
select record, version, placed_event, placed_at, placed_on, amount_cents, currency, language,
       party, number, erased_at
from order_register
where record < $1
order by record desc
limit $2;

-- name: read_invoice_register
-- The rows of these records.
select record, version, event_id, number, year, sequence, issued_at, issued_on, supplied_on,
       net_cents, vat_cents, gross_cents, currency, vat_rate_basis_points, vat_treatment, line,
       party, scrub_started_at, erased_at
from invoice_register
where record = any ($1::uuid[]);

-- name: write_invoice_register
-- Insert or replace whole rows, a column per argument.
insert into invoice_register
    (record, version, event_id, number, year, sequence, issued_at, issued_on, supplied_on,
     net_cents, vat_cents, gross_cents, currency, vat_rate_basis_points, vat_treatment, line,
     party, scrub_started_at, erased_at)
select * from unnest(
    $1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::int[], $6::int[], $7::timestamptz[],
    $8::date[], $9::date[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::int[],
    $15::text[], $16::text[], $17::bytea[], $18::timestamptz[], $19::timestamptz[])
on conflict (record) do update set
    version = excluded.version, event_id = excluded.event_id, number = excluded.number,
    year = excluded.year, sequence = excluded.sequence, issued_at = excluded.issued_at,
    issued_on = excluded.issued_on, supplied_on = excluded.supplied_on,
    net_cents = excluded.net_cents, vat_cents = excluded.vat_cents,
    gross_cents = excluded.gross_cents, currency = excluded.currency,
    vat_rate_basis_points = excluded.vat_rate_basis_points,
    vat_treatment = excluded.vat_treatment, line = excluded.line, party = excluded.party,
    scrub_started_at = excluded.scrub_started_at, erased_at = excluded.erased_at;

-- name: delete_invoice_register
-- Remove the rows of these records.
delete from invoice_register where record = any ($1::uuid[]);

-- name: find_invoice
-- The invoice with this number.
select record, version, event_id, number, year, sequence, issued_at, issued_on, supplied_on,
       net_cents, vat_cents, gross_cents, currency, vat_rate_basis_points, vat_treatment, line,
       party, scrub_started_at, erased_at
from invoice_register
where number = $1;

-- name: list_invoices
-- A page of invoices, newest number first, before this place.
select record, version, event_id, number, year, sequence, issued_at, issued_on, supplied_on,
       net_cents, vat_cents, gross_cents, currency, vat_rate_basis_points, vat_treatment, line,
       party, scrub_started_at, erased_at
from invoice_register
where (year, sequence) < ($1::int, $2::int)
order by year desc, sequence desc
limit $3;

-- name: read_hold
-- The rows of these records.
select record, version, event_id, category, reason, basis, until_on, placed_at, state, released_at
from hold
where record = any ($1::uuid[]);

-- name: write_hold
-- Insert or replace whole rows, a column per argument.
insert into hold
    (record, version, event_id, category, reason, basis, until_on, placed_at, state, released_at)
select * from unnest(
    $1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::date[],
    $8::timestamptz[], $9::text[], $10::timestamptz[])
on conflict (record) do update set
    version = excluded.version, event_id = excluded.event_id, category = excluded.category,
    reason = excluded.reason, basis = excluded.basis, until_on = excluded.until_on,
    placed_at = excluded.placed_at, state = excluded.state, released_at = excluded.released_at;

-- name: delete_hold
-- Remove the rows of these records.
delete from hold where record = any ($1::uuid[]);

-- name: take_number
-- The next number of a series; the row stays locked until the transaction ends, so none is lost.
insert into invoice_series as s (series, year, last_number)
values ($1, $2, 1)
on conflict (series, year) do update set last_number = s.last_number + 1
returning last_number;

-- name: read_log_boxes
-- The head of the personal part of the newest events that have one.
select event_id, name, left(data::jsonb ->> 'party', 160) as box_head
from event
where name in ('OrderPlaced', 'InvoiceIssued')
order by position desc
limit $1;

-- name: read_view_boxes
-- The head of the boxes in the registers, newest records first, each with the fact it is of.
(select placed_event as event_id, 'OrderPlaced' as name, substring(party from 1 for 120) as box_head
 from order_register where party is not null order by record desc limit $1)
union all
(select event_id, 'InvoiceIssued', substring(party from 1 for 120)
 from invoice_register where party is not null order by record desc limit $1);

-- name: find_number_gaps
-- Invoices whose number does not follow the one before, and last ones after which one was taken.
select event_id
from (select event_id, year, sequence,
             lag(sequence, 1, 0) over counted as before,
             lead(sequence) over counted as later
      from invoice_register
      window counted as (partition by year order by sequence)) as i
left join invoice_series as s on s.series = 'invoice' and s.year = i.year
where i.sequence <> i.before + 1
   or (i.later is null and i.sequence is distinct from s.last_number)
order by i.year, i.sequence
limit $1;

-- name: count_lost_numbers
-- How many numbers were taken and stand on no invoice.
select coalesce(sum(s.last_number), 0) - (select count(*) from invoice_register) as lost
from invoice_series as s;

-- name: read_books
-- A page of orders with their invoices and holds, in order of their records.
select o.record, coalesce(i.event_id, o.placed_event) as event_id, o.placed_on, o.party, i.number,
       i.issued_on, i.scrub_started_at, o.erased_at, h.until_on, h.state, h.released_at
from order_register as o
left join invoice_register as i using (record)
left join hold as h using (record)
where o.record > $1
order by o.record
limit $2;

-- name: find_waiting
-- The facts that still owe this effect.
select e.event_id from effect as f join event as e using (position) where f.effect = $1;

-- name: find_unscrubbed
-- Scrubs of the billing party after which a box is still in a register.
select e.event_id
from event as e
left join order_register as o using (record)
left join invoice_register as i using (record)
where e.name = 'RecordScrubbed' and e.data::jsonb -> 'categories' ? 'billing'
  and (o.party is not null or i.party is not null)
order by e.position
limit $1;

-- name: count_scrubbed
-- How many records had their billing party scrubbed.
select count(distinct record) as records
from event
where name = 'RecordScrubbed' and data::jsonb -> 'categories' ? 'billing';
