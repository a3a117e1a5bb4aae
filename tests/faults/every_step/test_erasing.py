"""F02 in an erasure: killed at any call, it comes to its one certificate, and nothing is left."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from minio import Minio

from deploy.native.buckets import client
from libs.keyring.journal import read_journal, verify_journal
from tests.faults.every_step.children import Nursery
from tests.faults.every_step.conftest import SweepThrough
from tests.faults.every_step.erasing import erase, order
from tests.faults.every_step.orders import Order
from tests.faults.every_step.parts import Parts, Sight
from tests.faults.every_step.sweep import Flow

ORDERS_AT_ONCE = 20
OWNERS = ("quotes", "consent", "billing")


@dataclass
class Erasures:
    """Ordered and invoiced records of which each is to go, and what is left of them."""

    sight: Sight
    nursery: Nursery
    folder: Path
    store: Minio
    gone: set[UUID] = field(default_factory=set)
    all: set[UUID] = field(default_factory=set)

    async def prepare(self, count: int) -> Sequence[UUID]:
        """So many records whose every key may be destroyed."""
        records: list[UUID] = []
        while len(records) < count:
            records += await self._order(min(ORDERS_AT_ONCE, count - len(records)))
        return records

    async def _order(self, count: int) -> Sequence[UUID]:
        place = self.folder / "records"
        made = Order(
            run=order,
            ground=self.sight.parts,
            work=(count, place),
            trace=self.folder / "calls",
            said=self.folder / "said",
        )
        ended = await self.nursery.run(made)
        assert ended.code == 0, ended.said
        records = [UUID(line) for line in place.read_text(encoding="ascii").split()]
        self.all |= set(records)
        return records

    async def check(self, record: UUID) -> None:
        """Each step was said once, everything is gone, and the others are untouched."""
        self.gone.add(record)
        await self._check_facts(record)
        await self._check_keys(record)
        self._check_journal(record)
        left = self.store.list_objects(
            self.sight.parts.bucket, recursive=True, include_version=True
        )
        assert len(list(left)) == len(self.all - self.gone)

    async def _check_facts(self, record: UUID) -> None:
        for name in ("ErasureBegun", "ErasureCompleted", "RecordErased"):
            facts = await self.sight.rows("retention", "list_facts", name)
            assert len(facts) == len(self.gone), name
        for owner in OWNERS:
            scrubbed = await self.sight.rows(owner, "list_facts", "RecordScrubbed")
            assert [one for one, _, _ in scrubbed].count(record) == 1, owner
        for owner in (*OWNERS, "retention"):
            assert await self.sight.rows(owner, "count_effects") == [(0,)]
            assert await self.sight.rows(owner, "count_parked") == [(0,)]
            assert await self.sight.rows(owner, "list_gaps") == []
        assert await self.sight.rows("quotes", "find_details", record) == [(None,)]

    async def _check_keys(self, record: UUID) -> None:
        for category in ("quote", "billing"):
            keys = await self.sight.rows("keyring", "list_keys", category)
            assert {one for (one,) in keys} == self.all - self.gone
        assert await self.sight.rows("keyring", "find_subject", record) == [(None,)]

    def _check_journal(self, record: UUID) -> None:
        journal = self.sight.parts.home / "journal" / "erasures.jsonl"
        verify_journal(journal)
        assert [line.entry.record for line in read_journal(journal)].count(record) == 1


@pytest.mark.timeout(5400)
async def test_f02_erasure_killed_at_every_call(
    parts: Parts, sight: Sight, nursery: Nursery, sweep_through: SweepThrough, tmp_path: Path
) -> None:
    """F02: wherever any of the four dies, the record is gone, certified once, all owners heard."""
    erasures = Erasures(sight, nursery, tmp_path, client(parts.stack))
    flow = Flow(
        name="erasure",
        is_long=True,
        run=erase,
        ground=parts,
        prepare=erasures.prepare,
        check=erasures.check,
        heal=sight.end_leases,
        folders=(parts.home / "journal",),
    )
    await sweep_through(flow, 31)
