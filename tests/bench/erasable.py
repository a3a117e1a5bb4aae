"""Records with keys and clocks, as quotes makes them and retention hears of them."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from deploy.native.stack import OWNER
from libs.events.clock import FixedClock
from libs.events.handle import Stamp
from libs.events.ids import RealIds
from libs.events.log import Append
from libs.events.postgres_log import PostgresLog
from libs.events.queries import load_queries
from libs.events.values import Category, Owner, RecordKind
from libs.events.vocabulary.retention import ClockStarted
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import FileEpochKeys
from libs.keyring.making import make_fresh
from libs.keyring.postgres_keyring import PostgresKeyring
from services.retention.main import DECLARED
from tests.bench.retention_copies import Prepared

QUERIES = load_queries(Path(__file__).with_name("erasable.sql"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STAMP = Stamp(Owner.RETENTION, FixedClock(NOW), RealIds())
STARTED = ClockStarted(
    kind=RecordKind.QUOTE,
    category=Category.QUOTE,
    clause="5.1.quote",
    reason="a price was asked for",
    due_at=NOW + timedelta(days=365),
)


async def keep_quotes(ground: Prepared, quotes: int) -> list[UUID]:
    """So many quotes, each of a person of its own, with a key and a clock that runs."""
    records = [STAMP.ids.new() for _ in range(quotes)]
    async with asyncpg.create_pool(ground.keyring.url(Owner.QUOTES), min_size=1) as pool:
        await _make_keys(
            PostgresKeyring(pool, FileEpochKeys(ground.place.stack.keys), KeyCache(lambda: 0.0)),
            records,
        )
    async with asyncpg.create_pool(ground.retention.url(), min_size=1) as pool:
        log = PostgresLog(pool, Owner.RETENTION, views=DECLARED.views)
        await asyncio.gather(*map(log.append, map(_started, records)))
        await pool.execute(QUERIES["empty_outbox"])
    return records


async def _make_keys(keyring: PostgresKeyring, records: Sequence[UUID]) -> None:
    making = (
        keyring.make_keys(
            record,
            kind=RecordKind.QUOTE,
            categories=[Category.QUOTE],
            subject=os.urandom(32),
            at=NOW,
        )
        for record in records
    )
    await asyncio.gather(*making)


def _started(record: UUID) -> Append:
    recorded = STAMP.record(record, [], [STARTED])
    return Append(record=record, expected_version=0, recorded=recorded)


async def lengthen(ground: Prepared, records: Sequence[UUID], facts: int) -> None:
    """These records have so many facts each, as if their clocks had begun again and again."""
    async with ground.place.owning(ground.retention.url(OWNER)) as connection:
        await connection.execute(QUERIES["lengthen"], records, facts)
        await connection.execute(QUERIES["move_clocks_on"], records, facts)
        await connection.execute(QUERIES["analyze"])


async def keep_keys(ground: Prepared, keys: int) -> None:
    """So many more living keys, each of a record and a person of its own."""
    epoch_keys = FileEpochKeys(ground.place.stack.keys)
    records = [STAMP.ids.new() for _ in range(keys)]
    columns = {
        "subject": [(record, os.urandom(32)) for record in records],
        "record": [(record, "quote", record, NOW) for record in records],
        "data_key": [_key_row(record, epoch_keys) for record in records],
    }
    names = {
        "subject": ("subject", "blind_index"),
        "record": ("record", "kind", "subject", "linked_at"),
        "data_key": ("record", "category", "epoch", "wrapped", "fingerprint", "made_at", "made_by"),
    }
    async with ground.place.owning(ground.keyring.url(OWNER)) as connection:
        for table, rows in columns.items():
            await connection.copy_records_to_table(
                table, schema_name="keyring", columns=names[table], records=rows
            )
        await connection.execute(QUERIES["analyze"])


def _key_row(record: UUID, epoch_keys: FileEpochKeys) -> tuple[object, ...]:
    (made,) = make_fresh(
        record, [Category.QUOTE], epoch=epoch_keys.current(), epoch_keys=epoch_keys
    )
    return (*made.row, NOW, str(Owner.QUOTES))
