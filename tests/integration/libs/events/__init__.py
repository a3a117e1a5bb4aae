"""The log, the relay, the inbox and the replay on real Postgres and real Kafka."""
