-- migrate:up
-- Why: the relay asks before each batch whose facts Kafka refused; the outbox may hold millions.
set lock_timeout = '5s';

create index outbox_refused on outbox (position) where refused_reason is not null;

-- migrate:down
