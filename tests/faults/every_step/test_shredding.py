"""F02 in a shred round: killed at any call, it is taken up, and no living key is lost."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest

from libs.events.clock import RealClock
from libs.keyring.epoch_keys import list_epochs
from libs.keyring.keys import DataKey
from libs.keyring.testing.conformance import make_quote, new_id
from tests.faults.every_step.conftest import SweepThrough
from tests.faults.every_step.orphans import wait_for_orphans
from tests.faults.every_step.parts import Parts, Sight
from tests.faults.every_step.shredding import shred
from tests.faults.every_step.sweep import Flow
from tests.integration.libs.keyring.instances import Instances

LIVING_KEYS = 3


@dataclass
class Rounds:
    """Erased records whose keys are to become unrecoverable, and others that live on."""

    sight: Sight
    instances: Instances
    living: Sequence[UUID] = ()
    erasure: UUID | None = None
    done: int = 0

    async def prepare(self, count: int) -> Sequence[str]:
        """So many idempotency keys that nobody used."""
        return [str(new_id()) for _ in range(count)]

    async def begin(self, _: str) -> None:
        """Erase one of some new records, and those that nobody looks at any more.

        Why: with more keys than one batch has, a round makes other calls than those learnt.
        """
        gone, *living = [await make_quote(self.instances) for _ in range(LIVING_KEYS)]
        looked_at = [*self.living, *living][-LIVING_KEYS:]
        former = set(self.living) - set(looked_at)
        self.living, self.erasure = looked_at, new_id()
        keyring, now = self.instances("retention"), RealClock().now()
        await keyring.destroy_all([gone, *former], erasure=self.erasure, at=now)

    async def heal(self, _: str) -> None:
        """Let the programs end that a dead process had started."""
        await wait_for_orphans(self.sight.parts.keyring_backups)

    async def check(self, _: str) -> None:
        """One epoch is left, the living open, the copy is the newest, and it was told once."""
        self.done += 1
        parts = self.sight.parts
        (epoch,) = list_epochs(parts.keys)
        assert [one.name for one in parts.keys.glob("epoch-*")] == [f"epoch-{epoch:04d}.key"]
        assert [one.stem for one in parts.keyring_backups.iterdir()] == [f"epoch-{epoch:04d}"]
        assert (self.erasure,) in await self.sight.rows("keyring", "list_unrecoverable")
        assert len(await self.sight.rows("retention", "list_facts", "KeysUnrecoverable")) == (
            self.done
        )
        opened = await self.instances.another("quotes").open_keys(
            [(record, "quote") for record in self.living]
        )
        assert all(isinstance(key, DataKey) for key in opened.values())


@pytest.fixture
async def instances(parts: Parts) -> AsyncIterator[Instances]:
    """Keyrings of the roles, over the keys of the parts."""
    them = Instances(parts.databases["keyring"], parts.keys)
    async with them.open_pools:
        for role in ("quotes", "retention"):
            await them.connect(role)
        yield them


@pytest.mark.timeout(3600)
async def test_f02_shred_killed_at_every_call(
    parts: Parts, sight: Sight, instances: Instances, sweep_through: SweepThrough
) -> None:
    """F02: the next process takes a round up wherever the last one died, and tells it once."""
    rounds = Rounds(sight, instances)
    flow = Flow(
        name="shred",
        run=shred,
        ground=parts,
        prepare=rounds.prepare,
        begin=rounds.begin,
        heal=rounds.heal,
        check=rounds.check,
        folders=(parts.keys, parts.keyring_backups),
    )
    await sweep_through(flow, 16)
