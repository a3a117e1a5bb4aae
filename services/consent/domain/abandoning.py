"""What consent says of a key that was made and of which nothing came."""

from dataclasses import dataclass

from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.vocabulary.scrubbing import RecordAbandoned


@dataclass(frozen=True, kw_only=True)
class Abandon:
    """The key of this record is old, and perhaps its first fact was never kept."""


def evolve(_known: bool, _event: Event) -> bool:  # noqa: FBT001 - the state is one yes or no
    """Any fact makes the record known."""
    return True


def decide(_command: Abandon, known: bool) -> tuple[Event, ...]:  # noqa: FBT001 - as above
    """The first fact of a record that has none; nothing otherwise.

    Source: D7, D9.
    """
    return () if known else (RecordAbandoned(),)


ABANDONING: Decider[Abandon, bool] = Decider(initial=False, evolve=evolve, decide=decide)
"""Decides over the facts of any record."""
