"""What consent answers when an erasure reaches a record, whatever the record is."""

from dataclasses import dataclass
from uuid import UUID

from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.values import Category, Owner
from libs.events.vocabulary.scrubbing import RecordScrubbed


@dataclass(frozen=True, kw_only=True)
class Scrub:
    """The keys of these categories were destroyed; say that nothing readable is left here.

    Shape: `again` when retention misses the answer, whether it was given or not.
    """

    erasure: UUID
    categories: tuple[Category, ...]
    again: bool = False


State = frozenset[tuple[UUID, Category]]
"""The erasures this record was scrubbed for, each with its categories."""


def evolve(state: State, event: Event) -> State:
    """The erasures answered so far; every other fact leaves them as they are."""
    if not isinstance(event, RecordScrubbed):
        return state
    return state | {(event.erasure, category) for category in event.categories}


def decide(command: Scrub, state: State) -> tuple[Event, ...]:
    """One answer for each erasure, also when consent kept nothing of the record.

    Shape:  the same erasure twice gives nothing the second time. Consent keeps no objects.
    Source: D9.
    """
    seen = [(command.erasure, category) in state for category in command.categories]
    if seen and all(seen) and not command.again:
        return ()
    scrubbed = RecordScrubbed(
        owner=Owner.CONSENT,
        erasure=command.erasure,
        categories=command.categories,
        objects_deleted=0,
    )
    return (scrubbed,)


SCRUBBING: Decider[Scrub, State] = Decider(initial=frozenset(), evolve=evolve, decide=decide)
"""Decides over the facts of any record."""
