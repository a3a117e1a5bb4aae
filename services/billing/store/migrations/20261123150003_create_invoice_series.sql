-- Why: invoice numbers have no gap, so the last one is a row locked by the transaction that issues.
-- This table is no view: a rebuild never touches it, and nothing is ever deleted from it.
-- migrate:up
set lock_timeout = '5s';

create table invoice_series (
    series      text not null,
    year        int  not null,
    last_number int  not null constraint invoice_series_counts_from_one check (last_number > 0),
    primary key (series, year)
);

grant select, insert, update on invoice_series to billing;
grant select on invoice_series to operator;

-- migrate:down
