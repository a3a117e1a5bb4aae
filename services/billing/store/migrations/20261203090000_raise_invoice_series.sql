-- Why: a log that was restored alone gets its lost invoices back from the topic, and their numbers are
-- taken. Every way into the log goes by here, so no number is ever given twice.
-- migrate:up
set lock_timeout = '5s';

create function raise_invoice_series() returns trigger language plpgsql as $$
declare
    number text := new.data::jsonb ->> 'number';
begin
    insert into public.invoice_series as s (series, year, last_number)
    values ('invoice', split_part(number, '-', 1)::int, split_part(number, '-', 2)::int)
    on conflict (series, year) do update set last_number = excluded.last_number
        where s.last_number < excluded.last_number;
    return null;
end $$;

create trigger invoice_series_knows_every_invoice after insert on event
    for each row when (new.name = 'InvoiceIssued') execute function raise_invoice_series();

-- migrate:down
