"""The faults that are planted: where, and which test sees them."""

from dataclasses import dataclass

EVENTS = "tests/integration/libs/events"
UNIT = "tests/unit"


@dataclass(frozen=True, slots=True)
class Edit:
    """One passage of one file, and what stands there in the mutant."""

    path: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault, its edits, and the test that must turn red."""

    name: str
    edits: tuple[Edit, ...]
    caught_by: str


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "the relay deletes before Kafka has acknowledged",
        (
            Edit(
                "libs/events/relay.py",
                "        sent, trouble = await self._acknowledged(handed)\n",
                "        sent, trouble = await self._acknowledged(handed)\n"
                "        sent = [at for one in handed.parcels for at in one.positions]\n",
            ),
        ),
        f"{EVENTS}/test_relay.py::test_p07_what_is_not_acknowledged_is_not_deleted",
    ),
    Mutant(
        "an old relay deletes what a newer one is to send",
        (
            Edit(
                "libs/events/sql/queries.sql",
                "  and exists (select 1 from relay_epoch where shard = $2 and epoch = $3) "
                "returning position;",
                "  and $2::int is not null and $3::bigint is not null returning position;",
            ),
        ),
        f"{EVENTS}/test_relay.py::test_p06_an_old_relay_deletes_nothing",
    ),
    Mutant(
        "the ear goes on from Kafka's offsets, acknowledged before the work",
        (
            Edit("libs/events/bus.py", "AckPolicy.MANUAL", "AckPolicy.ACK_FIRST"),
            Edit(
                "libs/events/bus.py",
                "            consumer.seek(TopicPartition(topic, partition), start)\n",
                "            _ = consumer, start\n",
            ),
        ),
        f"{EVENTS}/test_ear.py::test_p41_postgres_is_right_and_kafka_wrong",
    ),
    Mutant(
        "the inbox does not ask whose turn it is",
        (
            Edit(
                "libs/events/inbox.py",
                '(row["topic"], row["kafka_partition"], row["owner_epoch"]): row',
                '(row["topic"], row["kafka_partition"]): row',
            ),
            Edit(
                "libs/events/inbox.py",
                "rows.get((turn.topic, turn.partition, turn.epoch)) for",
                "rows.get((turn.topic, turn.partition)) for",
            ),
            Edit(
                "libs/events/sql/queries.sql",
                "and one.owner_epoch = given.owner_epoch",
                "and given.owner_epoch > 0",
            ),
        ),
        f"{EVENTS}/test_inbox.py::test_p15_an_old_owner_is_refused",
    ),
    Mutant(
        "two facts of a record may have one version",
        (
            Edit(
                "libs/events/sql/migrations/00000000000001_create_log.sql",
                "pg_current_xact_id(),\n"
                "    constraint event_version_is_unique unique (record, version)\n",
                "pg_current_xact_id()\n",
            ),
        ),
        f"{EVENTS}/test_postgres_log.py::test_what_fails_leaves_nothing_of_itself",
    ),
    Mutant(
        "a rebuild owes effects",
        (
            Edit(
                "libs/events/replay_shadow.py",
                "            await self._fold_in(connection, facts)\n\n    async def since",
                "            await self._fold_in(connection, facts)\n"
                "            await connection.execute(\n"
                '                "insert into effect (position, effect) "\n'
                "                \"select position, 'letter' from event on conflict do nothing\"\n"
                "            )\n\n    async def since",
            ),
        ),
        f"{EVENTS}/test_replay.py::test_p38_a_rebuild_carries_nothing_out",
    ),
    Mutant(
        "a key is remembered for ever",
        (
            Edit(
                "libs/keyring/cache.py",
                "return self._monotonic() - seconds >= self._ceiling_seconds",
                "return seconds < 0",
            ),
        ),
        f"{UNIT}/libs/keyring/test_cache.py::test_expired_keys_leave_the_memory_unasked",
    ),
    Mutant(
        "a revoked key is remembered",
        (
            Edit(
                "libs/keyring/cache.py",
                "self._revocations += 1\n        self._records.pop(record, None)",
                "self._revocations += 1\n        _ = record",
            ),
        ),
        f"{UNIT}/libs/keyring/test_cache.py::test_revoked_key_is_forgotten_at_once",
    ),
    Mutant(
        "an erasure forgets one owner",
        (
            Edit(
                "services/retention/domain/erasure.py",
                "OWNERS = (Owner.QUOTES, Owner.CONSENT, Owner.BILLING)",
                "OWNERS = (Owner.QUOTES, Owner.CONSENT)",
            ),
        ),
        f"{UNIT}/services/retention/domain/test_erasure.py"
        "::test_erasure_is_not_completed_while_an_answer_is_missing",
    ),
    Mutant(
        "a certificate is signed before the journal has the lines",
        (
            Edit(
                "services/retention/app/erase.py",
                "        await self._journal(erasure, stories)\n",
                "",
            ),
        ),
        f"{UNIT}/services/retention/app/test_erase.py"
        "::test_no_certificate_before_the_journal_has_the_lines",
    ),
    Mutant(
        "a restored state opens without the journal",
        (
            Edit(
                "libs/keyring/gate.py",
                "            if unfenced:\n                raise KeyringBehind(unfenced)\n",
                "            _ = unfenced\n",
            ),
        ),
        f"{UNIT}/libs/keyring/test_gate.py"
        "::test_restored_keyring_is_refused_until_the_journal_was_replayed",
    ),
    Mutant(
        "the journal is replayed and destroys nothing",
        (
            Edit(
                "libs/keyring/gate.py",
                "                await mark.destroy_again(line.entry)\n",
                "                _ = line.entry\n",
            ),
        ),
        f"{UNIT}/libs/keyring/test_gate.py"
        "::test_restored_keyring_is_refused_until_the_journal_was_replayed",
    ),
    Mutant(
        "an effect that failed is owed no more",
        (
            Edit(
                "libs/events/effects.py",
                "                await self._postpone(fact, row, error)\n                return\n",
                "                _ = error\n",
            ),
        ),
        f"{EVENTS}/test_effects.py::test_trouble_outside_is_tried_again_later",
    ),
    Mutant(
        "a clock that jumped stops no sweep",
        (
            Edit(
                "services/retention/domain/sweep.py",
                "        return self.jump(now) > cap\n",
                "        return self.jump(now) > 10_000 * cap\n",
            ),
        ),
        f"{UNIT}/services/retention/domain/test_terms.py"
        "::test_sweep_stops_after_a_jump_beyond_the_cap",
    ),
    Mutant(
        "a fold reads the clock",
        (
            Edit(
                "services/quotes/projections/quote_status.py",
                "        last_contact_at=recorded.recorded_at,\n",
                "        last_contact_at=datetime.now(recorded.recorded_at.tzinfo),\n",
            ),
        ),
        "tests/architecture/test_tidy.py::test_rooms_that_decide_and_see_are_pure",
    ),
    Mutant(
        "the codec writes plain parts",
        (
            Edit(
                "libs/events/codec.py",
                '        message = "a personal part must be sealed before it is written"\n'
                "        raise NotSealed(message)\n",
                "        return value.held\n",
            ),
        ),
        f"{UNIT}/libs/events/test_codec.py::test_a_plain_part_is_never_written",
    ),
    Mutant(
        "a link is good for every record",
        (
            Edit(
                "libs/doors/links.py",
                "(body.aud, body.pur, body.sub) != (AUDIENCE, purpose, record)",
                "(body.aud, body.pur) != (AUDIENCE, purpose)",
            ),
        ),
        f"{UNIT}/libs/doors/test_links.py::test_link_is_refused_for_another_record_or_purpose",
    ),
)
