-- Why: staff and auditors read invoices by number; the buyer lies here as a sealed box.
-- migrate:up
set lock_timeout = '5s';

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

-- migrate:down
