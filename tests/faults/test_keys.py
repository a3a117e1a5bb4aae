"""Keys that are being destroyed when something happens: no half of a key, and none that returns."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from deploy.native import tracer
from deploy.native.stack import CHECKOUT
from deploy.native.testing import FreshDatabase
from libs.events.queries import load_queries
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import EpochKeyGone, FileEpochKeys, create_epoch_key, list_epochs
from libs.keyring.keys import DataKey
from libs.keyring.openings import Shredded
from libs.keyring.postgres_keyring import PostgresKeyring
from libs.keyring.rounds import Step
from libs.keyring.testing.conformance import MUCH_LATER, new_id
from tests.faults.extent import Extent
from tests.faults.machine import Means
from tests.integration.libs.keyring import shredding
from tests.integration.libs.keyring.instances import ROLES, Instances
from tests.integration.libs.keyring.shredding import Shreds

pytestmark = pytest.mark.timeout(600)
QUERIES = load_queries(Path(shredding.__file__).with_name("inspection.sql"))
CALLS = ("rename", "write", "fsync", "unlink")
NAME = "epoch-0001.key"
KILLED = -9
DESTROY = "import sys, pathlib, libs.keyring.key_files as it; it.destroy_secret({path})"
PLACE = b"a record's place"


@pytest.fixture
async def shreds(database: Callable[[str], FreshDatabase], tmp_path: Path) -> AsyncIterator[Shreds]:
    """Shred rounds over a keyring of the test's own, with one epoch."""
    create_epoch_key(tmp_path, 1)
    them = Instances(database("keyring"), tmp_path)
    async with them.open_pools:
        for role in ROLES:
            await them.connect(role)
        yield Shreds(them, tmp_path / "backups")


def test_f57_epoch_key_killed_at_every_call_of_its_destruction(
    extent: Extent, tmp_path: Path
) -> None:
    """The key is whole or gone, never half; destroying again leaves no byte of it."""
    if extent.lacks(Means.STRACE):
        return
    killed = [
        _kills(tmp_path, call, nth)
        for call in CALLS
        for nth in range(1, 1 + _count_kills(tmp_path, call))
    ]
    assert len(killed) > len(CALLS)
    extent.saw(f"killed at each of its {len(killed)} calls: whole or gone, then gone for good")


def _count_kills(tmp_path: Path, call: str) -> int:
    """How often a destruction makes this call."""
    folder = _folder_with_key(tmp_path, f"count-{call}")
    nth = 1
    while not _destroy_under_strace(folder / NAME, call, kill_at=nth):
        folder = _folder_with_key(tmp_path, f"count-{call}-{nth}")
        nth += 1
    return nth - 1


def _kills(tmp_path: Path, call: str, nth: int) -> str:
    folder = _folder_with_key(tmp_path, f"{call}-{nth}")
    keys = FileEpochKeys(folder)
    wrapped = keys.wrap(1, b"a data key", PLACE)
    assert not _destroy_under_strace(folder / NAME, call, kill_at=nth)
    _is_whole_or_gone(folder, wrapped)
    keys.destroy(1)
    assert list(folder.iterdir()) == []
    return f"{call} {nth}"


def _folder_with_key(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    create_epoch_key(folder, 1)
    return folder


def _destroy_under_strace(path: Path, call: str, *, kill_at: int) -> bool:
    """Whether the process that destroys the key came to its end."""
    inject = f"inject={call}:signal=KILL:when={kill_at}"
    code = DESTROY.format(path=f"pathlib.Path({str(path)!r})")
    ended = subprocess.run(
        [tracer.strace(), "-f", "-o", "/dev/null", "-e", inject, sys.executable, "-c", code],
        cwd=CHECKOUT,
        env=tracer.environment(),
        check=False,
    )
    assert ended.returncode in (0, KILLED, 128 - KILLED), ended
    return ended.returncode == 0


def _is_whole_or_gone(folder: Path, wrapped: bytes) -> None:
    try:
        assert FileEpochKeys(folder).unwrap(1, wrapped, PLACE) == b"a data key"
    except EpochKeyGone:
        assert not (folder / NAME).exists()


@dataclass
class Erasing(shredding.Faults):
    """Erases a record at one call of a shred round, from a process of its own as it were."""

    erase: Callable[[], None] = lambda: None

    def meet(self, name: str, when: shredding.When) -> None:  # noqa: ARG002 - told by its number
        """One moment of a call: at its number somebody else destroys a key, and is done."""
        self.calls += when == "before"
        if (self.calls, self.when) == (self.kill_at, when):
            other = threading.Thread(target=self.erase)
            other.start()
            other.join()


async def test_f57_erasure_at_every_step_of_a_shred_round(extent: Extent, shreds: Shreds) -> None:
    """Destroyed between any two calls of a round, a key stays so, and the next round covers it."""
    counting = shredding.Faults()
    await shreds.one_goes_of(4)
    await shreds.shredder(counting).run()
    tried = 0
    moments: tuple[shredding.When, ...] = ("before", "after")
    for call in range(1, counting.calls + 1):
        for when in moments[: extent.of(1, 2)]:
            await _erased_at(shreds, call, when)
            tried += 1
    assert counting.calls > 20
    extent.saw(f"a key destroyed at {tried} moments of a round of {counting.calls} calls")


async def _erased_at(shreds: Shreds, call: int, when: shredding.When) -> None:
    _, (late, living, *_) = await shreds.one_goes_of(4)
    erasure = new_id()
    erasing = Erasing(call, when, erase=lambda: asyncio.run(_destroy(shreds, late, erasure)))
    one = await shreds.shredder(erasing).run()
    assert one is not None
    assert one.state is Step.TOLD
    found = await shreds.instances.another("quotes").open_keys([(late, "quote"), (living, "quote")])
    assert isinstance(found[late, "quote"], Shredded)
    assert isinstance(found[living, "quote"], DataKey)
    superuser = shreds.instances.pools["superuser"]
    fence = await superuser.fetchrow(QUERIES["find_fence"], late, "quote")
    epochs_left = set(fence["epochs"]) & set(list_epochs(shreds.instances.epoch_folder))
    assert bool(epochs_left) is (fence["unrecoverable_since"] is None)
    await shreds.shredder().run()
    ended = {row["erasure"] for row in await superuser.fetch(QUERIES["list_unrecoverable"])}
    assert erasure in ended


async def _destroy(shreds: Shreds, record: UUID, erasure: UUID) -> None:
    """Destroy the record's keys on a connection of one's own."""
    instances = shreds.instances
    async with asyncpg.create_pool(instances.database.url("retention"), min_size=0) as pool:
        epoch_keys = FileEpochKeys(instances.epoch_folder)
        keyring = PostgresKeyring(pool, epoch_keys, KeyCache(lambda: 0.0))
        await keyring.destroy(record, erasure=erasure, at=MUCH_LATER)
