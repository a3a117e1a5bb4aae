-- Why: staff read the orders; the billing party lies here as a sealed box, blank once erased.
-- migrate:up
set lock_timeout = '5s';

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

-- migrate:down
