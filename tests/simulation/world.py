"""Everything outside the handlers: logs, bus, keyring, shelf, mail; a value that can be copied."""

import copy
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from libs.events.errors import Conflict
from libs.events.hearing import Progress
from libs.events.log import Append, Checkpoint, Stretch
from libs.events.recorded import Recorded
from libs.events.values import Owner
from libs.events.view import fold_rows
from libs.keyring.testing.memory_keyring import MemoryKeyring
from services.retention.main import CLOCK_VIEW
from tests.simulation.asking import Ask
from tests.simulation.services import HEARS, OWED, REACTED
from tests.simulation.shapes import named, shape, shape_of_keyring

Channel = tuple[Owner, Owner, UUID]
"""Who hears, whom, about which record: in order within, in any order between."""

CHANGING = frozenset({"make_keys", "place_hold", "release_hold", "take_back_hold", "destroy_all"})
"""The calls of a keyring that may change it."""

Story = tuple[Owner, UUID]
"""One record's stream in one service's log."""


@dataclass(frozen=True, order=True)
class Owed:
    """One effect that a fact still owes."""

    position: int
    effect: str


@dataclass
class World:
    """What all services share or keep.

    Shape: `copied` gives a world that can go another way. Facts are never changed, and a keyring
           is copied before it is, so both are shared; `marks` tell stories apart at a glance.
    """

    now: datetime
    ring: type[MemoryKeyring] = MemoryKeyring
    shelf: Any = None
    ring_mark: Any = None
    stories: dict[Story, tuple[Recorded, ...]] = field(default_factory=dict)
    marks: dict[Story, int] = field(default_factory=dict)
    said: dict[Owner, tuple[Recorded, ...]] = field(default_factory=dict)
    progress: dict[Channel, Progress] = field(default_factory=dict)
    owed: dict[Owner, tuple[Owed, ...]] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    journal: frozenset[UUID] = frozenset()
    parked: tuple[str, ...] = ()
    keyring_is_up: bool = True

    def __post_init__(self) -> None:
        """Begin with an empty keyring."""
        if self.shelf is None:
            self.shelf = self.ring()._shelf

    def copied(self) -> "World":
        """The same world, to go its own way."""
        fresh = copy.copy(self)
        for name in ("stories", "marks", "said", "progress", "owed", "documents"):
            setattr(fresh, name, dict(getattr(self, name)))
        return fresh

    def keyring(self, role: str) -> MemoryKeyring:
        """The keyring as a role sees it."""
        return self.ring(role, shelf=self.shelf)

    def story(self, owner: Owner, record: UUID) -> tuple[Recorded, ...]:
        """The facts of a record in one service's log."""
        return self.stories.get((owner, record), ())

    def perform(self, ask: Ask) -> Any:
        """Answer one port call, in one step."""
        kind, _, name = ask.port.partition(" of ")
        match kind:
            case "keyring":
                if ask.call in CHANGING:
                    self.shelf, self.ring_mark = _copied_shelf(self.shelf), None
                return at_once(getattr(self.keyring(name), ask.call)(*ask.arguments, **ask.named))
            case "log":
                return getattr(self, f"_{ask.call}")(Owner(name), *ask.arguments, **ask.named)
            case "progress":
                return self.progress.get(ask.arguments, Progress())
            case "sweep":
                return self._due(*ask.arguments)
            case "journal":
                self.journal |= {line.event for line in ask.arguments}
            case "shelf":
                return getattr(self, f"_{ask.call}")(*ask.arguments)
        return None

    def _load(self, owner: Owner, *records: UUID) -> dict[UUID, list[Recorded]]:
        return {record: list(self.story(owner, record)) for record in records}

    def _find_unknown(self, owner: Owner, records: tuple[UUID, ...]) -> set[UUID]:
        return {record for record in records if not self.story(owner, record)}

    def _write(
        self,
        owner: Owner,
        *appends: Append,
        heard: Channel | None = None,
        progress: Progress | None = None,
        parked: Any = None,
    ) -> list[tuple[Recorded, ...]]:
        for append in appends:
            if append.recorded and len(self.story(owner, append.record)) != append.expected_version:
                message = "someone was faster"
                raise Conflict(message)
        written = [self._keep(owner, append) for append in appends]
        if heard and progress:
            self.progress[heard] = progress
        if parked is not None:
            self.parked += (f"{parked.name}: {parked.detail}",)
        return written

    def _keep(self, owner: Owner, append: Append) -> tuple[Recorded, ...]:
        first = len(self.said.get(owner, ())) + 1
        kept = tuple(
            msgspec.structs.replace(one, position=first + at)
            for at, one in enumerate(append.recorded)
        )
        self.said[owner] = self.said.get(owner, ()) + kept
        place = (owner, append.record)
        self.stories[place] = self.story(*place) + kept
        self.marks[place] = hash((self.marks.get(place, 0), *map(shape, kept)))
        owed = tuple(
            Owed(one.position or 0, effect)
            for one in kept
            for effect in OWED[owner].get(type(one.event), ())
        )
        self.owed[owner] = self.owed.get(owner, ()) + owed
        return kept

    def _read_onward(self, owner: Owner, after: Checkpoint) -> Stretch:
        facts = self.said.get(owner, ())[after.transaction : after.transaction + 1]
        return Stretch(facts, Checkpoint(transaction=after.transaction + len(facts)))

    def _due(self, now: datetime, limit: int) -> list[tuple[UUID, str]]:
        said = self.said.get(Owner.RETENTION, ())
        heard = [one for one in said if type(one.event) in CLOCK_VIEW.hears]
        rows = fold_rows(CLOCK_VIEW, {}, heard)
        due = [row for row in rows.values() if row.sweep_at and row.sweep_at <= now]
        due.sort(key=lambda row: (row.sweep_at, row.record, row.category))
        return [(row.record, row.category) for row in due[:limit]]

    def _put_invoice(self, number: object, box: bytes) -> None:
        self.documents[str(number)] = box

    def _read_invoice(self, number: object) -> bytes | None:
        return self.documents.get(str(number))

    def _erase_invoice(self, number: object) -> int:
        return int(self.documents.pop(str(number), None) is not None)

    def mark(self) -> tuple[Any, ...]:
        """The same for two worlds from which the same can follow."""
        if self.ring_mark is None:
            self.ring_mark = hash(shape_of_keyring(self.shelf))
        return (
            self.ring_mark,
            frozenset(self.marks.items()),
            frozenset((channel, one.last_version) for channel, one in self.progress.items()),
            tuple(
                (owner, *((one.effect, named(self.said[owner][one.position - 1])) for one in owed))
                for owner, owed in sorted(self.owed.items())
                if owed
            ),
            frozenset(self.documents),
            self.journal,
            self.parked,
        )

    def waiting(self) -> Iterator[tuple[Owner, Recorded]]:
        """The next fact of every channel that has one, for those who have a reaction to it."""
        for consumer, speakers in HEARS.items():
            for (owner, record), story in self.stories.items():
                if owner in speakers:
                    fact = self._next(consumer, owner, record, story)
                    if fact is not None:
                        yield consumer, fact

    def _next(
        self, consumer: Owner, owner: Owner, record: UUID, story: tuple[Recorded, ...]
    ) -> Recorded | None:
        channel = (consumer, owner, record)
        progress = self.progress.get(channel, Progress())
        while progress.last_version < len(story) and not progress.held_back:
            fact = story[progress.last_version]
            if type(fact.event) in REACTED[consumer]:
                return fact
            progress = Progress(fact.version)
            self.progress[channel] = progress
        return None


def at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives that waits for nobody."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    message = "a twin in memory waited for something"
    raise AssertionError(message)


def _copied_shelf(shelf: Any) -> Any:
    fresh = copy.copy(shelf)
    fresh.records = {record: _copied_row(row) for record, row in shelf.records.items()}
    return fresh


def _copied_row(row: Any) -> Any:
    fresh = copy.copy(row)
    fresh.keys, fresh.fences = dict(row.keys), dict(row.fences)
    fresh.holds = {place: copy.copy(hold) for place, hold in row.holds.items()}
    return fresh
