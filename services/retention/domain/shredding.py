"""What a shred round came to, told once: since when the keys of which erasures are beyond recall.

The stream's record id is the round's id.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.vocabulary.retention import KeysUnrecoverable

ERASURES_PER_FACT = 1000
"""So many ids stay far below what one message may weigh."""


@dataclass(frozen=True, kw_only=True)
class TellUnrecoverable:
    """A round has ended an epoch."""

    epoch: int
    since: datetime
    erasures: tuple[UUID, ...]


def evolve(is_told: bool, event: Event) -> bool:  # noqa: FBT001 - a state, by position
    """Whether the round was told of, after a fact."""
    return is_told or isinstance(event, KeysUnrecoverable)


def decide(command: TellUnrecoverable, is_told: bool) -> tuple[Event, ...]:  # noqa: FBT001 - a state, by position
    """One fact, or several where there are very many erasures; nothing the second time.

    Source: D8.
    """
    if is_told:
        return ()
    some = range(0, max(len(command.erasures), 1), ERASURES_PER_FACT)
    return tuple(
        KeysUnrecoverable(
            epoch=command.epoch,
            since=command.since,
            erasures=command.erasures[start : start + ERASURES_PER_FACT],
        )
        for start in some
    )


SHREDDING: Decider[TellUnrecoverable, bool] = Decider(initial=False, evolve=evolve, decide=decide)
