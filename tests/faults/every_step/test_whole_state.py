"""F02 in backup and restore: a backup is whole or none, a restore is done, refused or taken up."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from deploy.native import lifecycle
from deploy.native.base_backup_check import verify_base_backup
from deploy.native.postgres_install import cluster_folder
from deploy.native.programs import programs
from deploy.native.rendering import write_private
from deploy.native.stack import SERVICES, Stack
from deploy.native.supervisor_configuration import configuration
from deploy.native.testing import running_stack, start
from libs.backups.kept import list_backups
from libs.backups.manifest import read_manifest, verify_files
from ops.backups.taking import CLUSTER
from ops.commands.journal import _verify
from tests.faults.every_step.backing_up import back_up
from tests.faults.every_step.children import Nursery
from tests.faults.every_step.conftest import SweepThrough
from tests.faults.every_step.erasing import erase
from tests.faults.every_step.intake import take_in
from tests.faults.every_step.orders import Order, Run
from tests.faults.every_step.orphans import wait_for_orphans
from tests.faults.every_step.parts import Parts, Sight
from tests.faults.every_step.restoring import restore
from tests.faults.every_step.sweep import Flow
from tests.faults.extent import Extent

STACKS_BESIDE = 3
"""How many more stacks share the restores of the whole form: they mostly wait."""


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack without services, whose cluster is small and nobody else's."""
    with running_stack(tmp_path_factory.mktemp("whole") / "home", parts="bare") as stack:
        yield stack


@dataclass
class Backups:
    """What is in the folder of backups, and whether it may be relied on."""

    stack: Stack

    async def prepare(self, count: int) -> Sequence[int]:
        """So many backups."""
        return range(count)

    async def look(self, _: int) -> None:
        """Whatever is called a backup is a whole one, also when what it had started has ended."""
        await wait_for_orphans(self.stack.backups)
        for one in list_backups(self.stack.backups):
            verify_files(one.path, read_manifest(one.path))
            verify_base_backup(one.path / CLUSTER)

    async def check(self, _: int) -> None:
        """There is one more, whole, and nothing that is none; then room is made."""
        await self.look(_)
        backups = list_backups(self.stack.backups)
        assert backups
        assert {one.path for one in backups} == set(self.stack.backups.iterdir())
        for one in backups:
            shutil.rmtree(one.path)


@dataclass
class Restored:
    """A stack of which one record was erased after its backup, and which lost its state."""

    stack: Stack
    living: UUID
    facts: dict[str, int]

    async def prepare(self, count: int) -> Sequence[int]:
        """So many restores of the same backup."""
        return range(count)

    async def stop(self, _: int) -> None:
        """Stop what a restore had started, as its text says; a backup is put over nothing else."""
        await asyncio.to_thread(lifecycle.down, self.stack)

    async def check(self, _: int) -> None:
        """It is the backup's state without what was erased since, and all is to be sent again."""
        sight = Sight(Parts.of(self.stack))
        try:
            assert (await _verify(self.stack))["gate"] == "open"
            assert await sight.rows("keyring", "list_keys", "quote") == [(self.living,)]
            for service in SERVICES:
                assert await sight.rows(service, "count_unsent") == [(self.facts[service],)]
                assert await sight.rows(service, "list_places") in ([], [(0,)])
        finally:
            await sight.close()
        assert not lifecycle.restore_mark(self.stack).exists()
        places = (self.stack.home, cluster_folder(self.stack))
        assert not [one for place in places for one in place.glob("*.before")]
        await self.stop(_)


@pytest.mark.timeout(3600)
async def test_f02_backup_killed_at_every_call(
    own_stack: Stack, sweep_through: SweepThrough
) -> None:
    """F02: what is called a backup is one, wherever the command died, and the next one works."""
    start(own_stack, parts="bare")
    backups = Backups(own_stack)
    flow = Flow(
        name="backup",
        run=back_up,
        ground=own_stack,
        prepare=backups.prepare,
        heal=backups.look,
        check=backups.check,
        folders=(own_stack.backups,),
    )
    await sweep_through(flow, 7)


@pytest.mark.timeout(7200)
async def test_f02_restore_killed_at_every_call(
    own_stack: Stack,
    nursery: Nursery,
    sweep_through: SweepThrough,
    extent: Extent,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """F02: broken off anywhere, nothing half is opened, and the same command goes on to its end.

    Shape: the whole form is dealt out to stacks that lost the same, because each fault costs two
           restores and two stops.
    """
    with ExitStack() as opened:
        stacks = [own_stack]
        for _ in range(extent.of(0, STACKS_BESIDE)):
            home = tmp_path_factory.mktemp("whole") / "home"
            stacks.append(opened.enter_context(running_stack(home, parts="bare")))
        flow, *alike = [
            await _restoring(one, nursery, tmp_path_factory.mktemp("lost")) for one in stacks
        ]
        await sweep_through(flow, 41, *alike)


async def _restoring(stack: Stack, nursery: Nursery, folder: Path) -> Flow:
    start(stack, parts="bare")
    lost = await _lose(stack, nursery, folder)
    return Flow(
        name="restore",
        is_long=True,
        run=restore,
        ground=stack,
        prepare=lost.prepare,
        heal=lost.stop,
        check=lost.check,
        folders=(stack.home, cluster_folder(stack)),
    )


async def _lose(stack: Stack, nursery: Nursery, folder: Path) -> Restored:
    """Ask for two quotes, back up, erase one of them, and stop everything."""
    parts = Parts.of(stack)
    sight = Sight(parts)
    for _ in range(2):
        await _do(nursery, folder, take_in, parts, str(uuid4()))
    gone, living = [one for one, _, _ in await sight.rows("quotes", "list_facts", "QuoteRequested")]
    facts = {service: len(await sight.rows(service, "list_versions")) for service in SERVICES}
    await _do(nursery, folder, back_up, stack, None)
    await _do(nursery, folder, erase, parts, gone)
    await sight.close()
    lifecycle.down(stack)
    only_postgres = configuration(stack, programs(stack), at_once=("postgres",))
    write_private(stack.run / "supervisord.conf", only_postgres)
    return Restored(stack, living, facts)


async def _do(nursery: Nursery, folder: Path, run: Run, ground: object, work: object) -> None:
    order = Order(run=run, ground=ground, work=work, trace=folder / "calls", said=folder / "said")
    ended = await nursery.run(order)
    assert ended.code == 0, ended.said
