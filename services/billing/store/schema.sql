-- The present of what billing keeps besides the log: the sum of migrations/.
create table order_register (
    record       uuid        primary key,
    version      int         not null,
    placed_event uuid        not null,
    placed_at    timestamptz not null,
    placed_on    date        not null,
    amount_cents bigint      not null constraint order_amount_is_positive check (amount_cents > 0),
    currency     text        not null,
    language     text        not null,
    party        bytea,
    number       text,
    erased_at    timestamptz,
    constraint order_erased_is_blank check ((erased_at is null) = (party is not null))
);

grant select, insert, update, delete on order_register to billing;
grant select on order_register to operator;

create table invoice_register (
    record                uuid        primary key,
    version               int         not null,
    event_id              uuid        not null,
    number                text        not null constraint invoice_number_is_unique unique,
    year                  int         not null,
    sequence              int         not null
        constraint invoice_sequence_is_positive check (sequence > 0),
    issued_at             timestamptz not null,
    issued_on             date        not null,
    supplied_on           date        not null,
    net_cents             bigint      not null,
    vat_cents             bigint      not null constraint invoice_vat_is_no_refund check (vat_cents >= 0),
    gross_cents           bigint      not null
        constraint invoice_adds_up check (gross_cents = net_cents + vat_cents),
    currency              text        not null,
    vat_rate_basis_points int         not null,
    vat_treatment         text        not null,
    line                  text        not null,
    party                 bytea,
    scrub_started_at      timestamptz,
    erased_at             timestamptz,
    constraint invoice_erased_is_blank check ((erased_at is null) = (party is not null)),
    constraint invoice_place_is_unique unique (year, sequence)
);

grant select, insert, update, delete on invoice_register to billing;
grant select on invoice_register to operator;

create table hold (
    record      uuid        primary key,
    version     int         not null,
    event_id    uuid        not null,
    category    text        not null,
    reason      text        not null,
    basis       text        not null,
    until_on    date        not null,
    placed_at   timestamptz not null,
    state       text        not null constraint hold_state_is_known check (state in ('held', 'released')),
    released_at timestamptz,
    constraint hold_released_has_a_moment check ((state = 'released') = (released_at is not null))
);
create index hold_by_end on hold (until_on, record) where state = 'held';

grant select, insert, update, delete on hold to billing;
grant select on hold to operator;

create table invoice_series (
    series      text not null,
    year        int  not null,
    last_number int  not null constraint invoice_series_counts_from_one check (last_number > 0),
    primary key (series, year)
);

grant select, insert, update on invoice_series to billing;
grant select on invoice_series to operator;
