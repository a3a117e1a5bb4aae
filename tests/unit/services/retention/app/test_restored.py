"""After a restore the erasures that the log has forgotten go their way again, each once."""

from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from libs.events.handle import Desk
from libs.events.vocabulary.retention import ErasureBegun, ErasureCompleted, RecordErased
from libs.keyring.journal import Journal
from services.retention.app.restored import Restored
from tests.unit.services.retention.app.world import World
from tests.unit.services.retention.facts import NOW, OTHER, RECORD


class Known:
    """The facts that a world's log has."""

    def __init__(self, world: World) -> None:
        """Of this world."""
        self._world = world

    async def known(self, events: Collection[UUID]) -> frozenset[UUID]:
        """Those of these events that are in it."""
        return frozenset(fact.event_id for fact in self._world.log.facts) & set(events)


def restored(world: World, path: Path) -> Restored:
    """The taking up, over a world and a journal."""
    return Restored(path=path, facts=Known(world), log=world.log, desk=Desk(world.log, world.stamp))


async def journal_of_another_time(path: Path) -> UUID:
    """A journal that tells of two erased records; gives their erasure."""
    world = World()
    for record in (RECORD, OTHER):
        await world.keep(record, "quote")
    await world.say(
        UUID(int=77), ErasureBegun(cause="staff", request=None, records=(RECORD, OTHER))
    )
    await world.carry_out()
    journal = Journal(path)
    for one in world.journaling.noted:
        journal.append(one, written_at=NOW)
    return UUID(int=77)


async def test_forgotten_erasure_goes_its_way_again(tmp_path: Path) -> None:
    """Under its own id, to every owner, to a certificate; asked again nothing begins."""
    path = tmp_path / "erasures.jsonl"
    erasure = await journal_of_another_time(path)
    world = World()
    for record in (RECORD, OTHER):
        await world.keep(record, "quote")
        await world.keyring.destroy(record, erasure=erasure, at=NOW)
    taking = restored(world, path)
    assert await taking.take_up() == 1
    await world.carry_out()
    await world.scrub()
    await world.carry_out()
    assert [one.records for one in world.said(ErasureBegun)] == [(RECORD, OTHER)]
    assert [one.erasure for one in world.said(RecordErased)] == [erasure, erasure]
    assert len(world.said(ErasureCompleted)) == 1
    assert await taking.take_up() == 0


async def test_what_the_log_knows_is_left_alone(tmp_path: Path) -> None:
    """Where nothing was forgotten nothing is begun."""
    path = tmp_path / "erasures.jsonl"
    world = World()
    await world.keep(RECORD, "quote")
    await world.say(UUID(int=77), ErasureBegun(cause="staff", request=None, records=(RECORD,)))
    await world.carry_out()
    Journal(path).append(world.journaling.noted[0], written_at=NOW)
    assert await restored(world, path).take_up() == 0
