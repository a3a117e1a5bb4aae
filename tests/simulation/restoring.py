"""A backup and a restore at any moment of an erasure: the world of then, the journal of now.

The stack is down while it is restored, so putting the files in place and destroying again what
the journal tells is one step; all that was under way is lost with the processes. Taking up the
forgotten erasures is the real code again, among everything that the restored logs still owe.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from libs.events.values import Category, Owner
from libs.events.vocabulary.retention import ErasureCompleted
from libs.keyring.journal import Erased
from libs.keyring.openings import Destroyed
from services.retention.app.restored import Restored
from tests.simulation import world as worlds
from tests.simulation.asking import Ask, Asking, Spot
from tests.simulation.clients import client, erase, offer, request
from tests.simulation.course import Course
from tests.simulation.pairs import ERASURE, NOON, RECORD, Pair, after
from tests.simulation.promises import Broken, check_step
from tests.simulation.stepping import Task
from tests.simulation.world import World

KEPT_BY_DATABASES = ("stories", "marks", "said", "progress", "owed", "documents", "parked")


@dataclass
class RestorableWorld(World):
    """A world that can be put back to the state of its backup; the journal stays as it is.

    Shape: without `replays` the journal is left out, which must be seen.
    """

    replays: bool = True
    lines: tuple[Erased, ...] = ()
    backup: World | None = None
    restores: int = 0

    def perform(self, ask: Ask) -> Any:
        """Answer one port call, those of backup and restore too."""
        if ask.port == "operator":
            return getattr(self, f"_{ask.call}")()
        if ask.port == "journal":
            self.lines += ask.arguments
        return super().perform(ask)

    def _back_up(self) -> None:
        self.backup = self.copied()

    def _restore(self) -> dict[UUID, Sequence[UUID]]:
        """Everything as it was, destroyed again by the journal; gives the forgotten erasures."""
        assert self.backup is not None
        then = self.backup.copied()
        for name in KEPT_BY_DATABASES:
            setattr(self, name, getattr(then, name))
        self.shelf, self.ring_mark = worlds._copied_shelf(then.shelf), None
        for line in self.lines if self.replays else ():
            _destroy_again(self.shelf, line)
        self.restores += 1
        known = {one.event_id for one in self.said.get(Owner.RETENTION, ())}
        missing: dict[UUID, list[UUID]] = defaultdict(list)
        for line in self.lines:
            if line.event not in known:
                missing[line.erasure].append(line.record)
        return {erasure: tuple(records) for erasure, records in missing.items()}

    def mark(self) -> tuple[Any, ...]:
        """The same for two worlds from which the same can follow."""
        backup = self.backup.mark() if self.backup else None
        told = frozenset((line.record, line.categories) for line in self.lines)
        return (*super().mark(), self.restores, backup, told)


def _destroy_again(shelf: Any, line: Erased) -> None:
    """What `keyring.destroy_again` does: by the journal's word, whatever the restored holds say."""
    row = shelf.records[line.record]
    row.erased_at = row.erased_at or line.unreadable_since
    for category in map(Category, line.categories):
        row.keys.pop(category, None)
        row.fences[category] = Destroyed(category, line.unreadable_since, line.erasure)
        row.holds = {place: it for place, it in row.holds.items() if place[0] != category}
    if not row.keys:
        row.subject = None


@dataclass
class RestorableCourse(Course):
    """A course in which a restore ends all other work: the processes are down."""

    def take(self, task: Task) -> None:
        """Take one step; after a restore nobody else is under way."""
        before = self._restores()
        super().take(task)
        if self._restores() != before:
            for name in [one for one in self.under_way if one != task.name]:
                self.lose(name)

    def _restores(self) -> int:
        return cast("RestorableWorld", self.world).restores


def back_up_and_restore(at: datetime) -> Task:
    """An operator takes a backup, and some time later brings it back."""

    async def body(spot: Spot) -> None:
        await Ask("operator", "back_up")
        missing = await Ask("operator", "restore")
        desk = spot.desk
        restored = Restored(
            path=cast("Any", None), facts=cast("Any", Asking("facts")), log=desk.log, desk=desk
        )
        await restored.begin_again(missing)

    return client(Owner.RETENTION, "back up and restore", at, body)


def check_restorable(before: RestorableWorld, after_step: RestorableWorld) -> None:
    """Every step keeps the promises; a restore keeps destroyed what the journal tells.

    Shape:  a key that was destroyed and not journaled yet comes back with the decision to destroy
            it forgotten: nobody was told that it is gone, and it was lost with the last backup.
    Raises: Broken.
    """
    if after_step.restores == before.restores:
        check_step(before, after_step)
        return
    for line in after_step.lines:
        row = after_step.shelf.records[line.record]
        if back := set(map(str, line.categories)) - set(map(str, row.fences)):
            message = f"I7: {back} of {line.record} came back with the backup"
            raise Broken(message)


def journaled_erasures_are_complete(course: Course) -> None:
    """What the journal tells is certified in the restored log, too.

    Raises: Broken.
    """
    world = cast("RestorableWorld", course.world)
    for line in world.lines:
        story = world.story(Owner.RETENTION, line.erasure)
        if not any(isinstance(one.event, ErasureCompleted) for one in story):
            message = f"I6: erasure {line.erasure} is in the journal and was never completed again"
            raise Broken(message)


def offered(*, replays: bool = True) -> Course:
    """A quote with an offer, in a world that can be restored."""
    world = RestorableWorld(NOON, replays=replays)
    return RestorableCourse(after(request(RECORD, NOON), offer(RECORD, NOON), world=world).world)


def restored_during_an_erasure(*, replays: bool = True) -> Pair:
    """A backup at any moment of an erasure, restored at any later one."""
    return Pair(
        partial(offered, replays=replays),
        (erase(ERASURE, NOON, RECORD), back_up_and_restore(NOON)),
        ("billing hears", "retention hears billing"),
        at_end=journaled_erasures_are_complete,
        check=check_restorable,
    )
