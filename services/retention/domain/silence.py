"""What follows when owners do not answer an erasure in time: they are asked again, and more rarely.

Over the erasure's own stream, beside `erasure.py`. Nothing here completes anything: silence is
never an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.values import Category, Owner
from libs.events.vocabulary.retention import ErasureCompleted, OwnerScrubbed, ScrubAskedAgain
from services.retention.domain.erasure import OWNERS

PAUSE_MAX = timedelta(days=1)
"""However often owners were asked, they are asked again a day later."""


@dataclass(frozen=True, kw_only=True)
class AskAgain:
    """A record lost these categories at a moment; its owners had so long to answer."""

    record: UUID
    categories: tuple[Category, ...]
    erased_at: datetime
    answer_within: timedelta
    at: datetime


@dataclass(frozen=True)
class Silence:
    """Who has answered for which record, and when the others were last asked again."""

    answers: frozenset[tuple[UUID, Owner]] = frozenset()
    asked: Mapping[UUID, ScrubAskedAgain] = field(default_factory=dict)
    completed: bool = False


def evolve(state: Silence, event: Event) -> Silence:
    """The silence after a fact of the erasure."""
    match event:
        case OwnerScrubbed():
            return replace(state, answers=state.answers | {(event.record, event.owner)})
        case ScrubAskedAgain():
            return replace(state, asked={**state.asked, event.record: event})
        case ErasureCompleted():
            return replace(state, completed=True)
    return state


def decide(command: AskAgain, state: Silence) -> tuple[Event, ...]:
    """Owners that are silent past their time are asked again, after pauses that double.

    Shape:  nothing while retention itself has not answered: then the keyring or the journal is what
            is waited for.
    Source: D9.
    """
    silent = tuple(one for one in OWNERS if (command.record, one) not in state.answers)
    is_ours = (command.record, Owner.RETENTION) not in state.answers
    before = state.asked.get(command.record)
    due_at = before.next_at if before else command.erased_at + command.answer_within
    if state.completed or is_ours or not silent or command.at < due_at:
        return ()
    return (
        ScrubAskedAgain(
            record=command.record,
            silent=silent,
            categories=command.categories,
            asked_at=command.at,
            next_at=command.at + _pause(command, before),
        ),
    )


def _pause(command: AskAgain, before: ScrubAskedAgain | None) -> timedelta:
    pause = 2 * (before.next_at - before.asked_at) if before else command.answer_within
    return min(pause, max(PAUSE_MAX, command.answer_within))


SILENCE: Decider[AskAgain, Silence] = Decider(initial=Silence(), evolve=evolve, decide=decide)
"""Decides over an erasure's stream when its owners are asked again."""
