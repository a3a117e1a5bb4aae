-- The present of what quotes keeps besides the log: the sum of migrations/.
create table quote_status (
    record            uuid primary key,
    version           int         not null,
    stage             text        not null constraint quote_status_stage_is_known check (stage in
        ('requested', 'offered', 'declined', 'expired', 'accepted', 'started', 'completed')),
    language          text        not null,
    requested_at      timestamptz not null,
    last_contact_at   timestamptz not null,
    offer             int,
    amount_cents      bigint constraint quote_status_amount_is_positive check (amount_cents > 0),
    currency          text,
    valid_until_on    date,
    offered_at        timestamptz,
    answered_at       timestamptz,
    accepted_at       timestamptz,
    started_at        timestamptz,
    completed_at      timestamptz,
    delivered_on      date,
    details           bytea,
    quote_erased_at   timestamptz,
    billing_erased_at timestamptz,
    constraint quote_status_erased_is_blank check (quote_erased_at is null or details is null)
);
-- Offers whose date decides: the timer reads these first.
create index quote_status_by_offer_end on quote_status (valid_until_on, record)
    where stage = 'offered';

grant select, insert, update, delete on quote_status to quotes;
grant select on quote_status to operator;
