"""What a batch leads to is decided in memory, and taken back where a reaction fails."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

import pytest

from libs.events.database import Connection
from libs.events.decider import Decider
from libs.events.errors import Refused
from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import STAMP
from libs.events.vocabulary.quotes import ProjectStarted, QuoteDeclined
from libs.events.work import Work
from tests.unit.libs.events.facts import facts_of

NOBODY = cast("Connection", None)
ONE, TWO = UUID(int=1), UUID(int=2)
(CAUSE,) = facts_of(UUID(int=9), QuoteDeclined(offer=1))


def _decide(command: str, started: int) -> tuple[Event, ...]:
    if command == "refuse":
        raise Refused
    return () if started >= 2 else (ProjectStarted(),)


DECIDER: Decider[str, int] = Decider(0, lambda state, _: state + 1, _decide)


@dataclass
class Kept:
    """The log as the batch found it, which counts its reads."""

    histories: dict[UUID, list[Recorded]] = field(default_factory=dict)
    reads: list[set[UUID]] = field(default_factory=list)

    async def load(self, _: Connection, records: Collection[UUID]) -> dict[UUID, list[Recorded]]:
        """The histories that there are."""
        self.reads.append(set(records))
        return {one: self.histories[one] for one in records if one in self.histories}


async def test_a_later_reaction_sees_what_an_earlier_one_decided() -> None:
    """Within a batch a record goes on from the facts decided in it, at the right versions."""
    work = Work(NOBODY, STAMP, Kept({ONE: facts_of(ONE, ProjectStarted())}).load)
    await work.handle(ONE, "start", DECIDER, cause=CAUSE)
    assert await work.handle(ONE, "start", DECIDER, cause=CAUSE) == ()
    assert [(one.expected_version, one.recorded[0].version) for one in work.appends] == [(1, 2)]


async def test_what_follows_names_its_cause() -> None:
    """A fact decided on hearing another carries that one's id, correlation and trace."""
    work = Work(NOBODY, STAMP, Kept().load)
    (fact,) = await work.handle(ONE, "start", DECIDER, cause=CAUSE)
    assert (fact.causation_id, fact.correlation_id) == (CAUSE.event_id, CAUSE.correlation_id)


async def test_histories_are_read_once() -> None:
    """What a batch prefetched is not read again, and an unknown record is an empty history."""
    kept = Kept()
    work = Work(NOBODY, STAMP, kept.load)
    await work.prefetch([ONE, TWO])
    assert await work.history(ONE) == []
    await work.prefetch([ONE, TWO])
    assert kept.reads == [{ONE, TWO}]


async def test_a_reaction_that_fails_half_way_leaves_nothing() -> None:
    """All that a failed reaction decided is taken back; what was decided before it stays."""
    work = Work(NOBODY, STAMP, Kept().load)
    await work.handle(ONE, "start", DECIDER, cause=CAUSE)

    async def fail_half_way() -> None:
        with work.attempt():
            await work.handle(ONE, "start", DECIDER, cause=CAUSE)
            await work.handle(TWO, "start", DECIDER, cause=CAUSE)
            await work.handle(TWO, "refuse", DECIDER, cause=CAUSE)

    with pytest.raises(Refused):
        await fail_half_way()
    assert [one.record for one in work.appends] == [ONE]
    assert [len(await work.history(one)) for one in (ONE, TWO)] == [1, 0]


async def test_a_reaction_that_succeeds_is_kept() -> None:
    """An attempt that ends well changes nothing."""
    work = Work(NOBODY, STAMP, Kept().load)
    with work.attempt():
        await work.handle(TWO, "start", DECIDER, cause=CAUSE)
    assert [one.record for one in work.appends] == [TWO]
