"""One record's clock, top to bottom: per category a term runs, falls due, is held, or is over."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.values import Category
from libs.events.vocabulary.retention import ClockStarted, RecordDue, RecordErased, RecordHeld
from libs.policy.calendar import end_of_day_at
from services.retention.domain.terms import BILLING_CLAUSE, RELEASED, Term, is_hold

# ── What may be asked ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class StartClock:
    """A term begins for one category, or begins again."""

    term: Term


@dataclass(frozen=True, kw_only=True)
class RunOut:
    """The sweep found a category whose term, or whose hold's last day, may have ended by now."""

    category: Category
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CallDue:
    """The category is due now, whatever its term was, unless the law holds it."""

    category: Category
    clause: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Gone:
    """A category whose key was destroyed, and when."""

    category: Category
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A category that the law keeps although it was to go."""

    category: Category
    reason: str
    basis: str
    until_on: date | None


@dataclass(frozen=True, kw_only=True)
class NoteDestruction:
    """What the keyring did with the record for one erasure."""

    erasure: UUID
    cause: str
    gone: tuple[Gone, ...]
    kept: tuple[Kept, ...]


Command = StartClock | RunOut | CallDue | NoteDestruction

# ── What a clock remembers ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Running:
    """The term runs."""

    clause: str
    reason: str
    due_at: datetime


@dataclass(frozen=True)
class Due:
    """The term ended; an erasure has it in hand."""


@dataclass(frozen=True)
class Held:
    """The law keeps it: a later hold may move its date, and a release ends it.

    Shape: without `due_at` its last day is not known yet; `is_told` once that day was called over.
    """

    clause: str = BILLING_CLAUSE
    reason: str = ""
    due_at: datetime | None = None
    is_told: bool = False


@dataclass(frozen=True)
class Over:
    """The key is destroyed: nothing can start this clock again."""


Situation = Running | Due | Held | Over


@dataclass(frozen=True)
class RecordClock:
    """The situation of each category, and which holds which erasure has met."""

    categories: Mapping[Category, Situation] = field(default_factory=lambda: MappingProxyType({}))
    met: frozenset[tuple[UUID, Category]] = frozenset()

    def of(self, category: Category) -> Situation | None:
        """The situation of a category; none when no clock ever ran for it."""
        return self.categories.get(category)

    def is_held(self, category: Category) -> bool:
        """Whether the law keeps the category, also past its last day."""
        return isinstance(self.of(category), Held)


# ── How facts change it ──────────────────────────────────────────────────────────────────────────


def evolve(clock: RecordClock, event: Event) -> RecordClock:
    """The clock after a fact."""
    match event:
        case ClockStarted():
            return _set(clock, event.category, _started(event, clock.of(event.category)))
        case RecordDue():
            return _set(clock, event.category, _called(clock.of(event.category)))
        case RecordHeld():
            held = replace(clock, met=clock.met | {(event.erasure, event.category)})
            return _set(held, event.category, _met(event, clock.of(event.category)))
        case RecordErased():
            for category in event.categories:
                clock = _set(clock, category, Over())
    return clock


def _started(event: ClockStarted, before: Situation | None) -> Situation:
    if not is_hold(event.category, event.reason):
        return Running(event.clause, event.reason, event.due_at)
    held = Held(event.clause, event.reason, event.due_at)
    return _told_as(before, held)


def _called(before: Situation | None) -> Situation:
    """A hold with a last day stands until it is released; all else is in an erasure's hands."""
    if isinstance(before, Held) and before.due_at:
        return replace(before, is_told=True)
    return Due()


def _met(event: RecordHeld, before: Situation | None) -> Situation:
    """What an erasure met as held; a release that was heard meanwhile stands.

    Why: the keyring was asked before this is noted. Nobody would release the hold once more, so its
         clock runs on and the keyring is asked again; and a last day that moved on meanwhile does
         not move back, because its owner would not release it on the earlier one.
    """
    if isinstance(before, Running) and before.reason == RELEASED:
        return before
    known = before if isinstance(before, Held) else Held()
    met_at = end_of_day_at(event.until_on) if event.until_on else None
    due_at = max(filter(None, (known.due_at, met_at)), default=None)
    return _told_as(before, replace(known, due_at=due_at))


def _told_as(before: Situation | None, held: Held) -> Held:
    """The end of a hold is told once, and again when it has moved."""
    is_told = isinstance(before, Held) and before.is_told and before.due_at == held.due_at
    return replace(held, is_told=is_told)


def _set(clock: RecordClock, category: Category, situation: Situation) -> RecordClock:
    return replace(clock, categories=MappingProxyType({**clock.categories, category: situation}))


# ── What follows ─────────────────────────────────────────────────────────────────────────────────


def decide(command: Command, clock: RecordClock) -> tuple[Event, ...]:
    """What happens to a clock when it is asked for something.

    Shape:  nothing when it is asked the same again, or when the category is over already.
    Source: D9, D11.
    """
    match command:
        case StartClock():
            return _start(command.term, clock)
        case RunOut():
            return _run_out(command, clock)
        case CallDue():
            return _call_due(command, clock)
        case NoteDestruction():
            return _note_destruction(command, clock)


def _start(term: Term, clock: RecordClock) -> tuple[Event, ...]:
    """A term that is due or over stays so: the keyring, not the clock, decides a race."""
    situation = clock.of(term.category)
    if isinstance(situation, Due | Over):
        return ()
    same = (term.clause, term.reason, term.due_at)
    if situation and (situation.clause, situation.reason, situation.due_at) == same:
        return ()
    return (
        ClockStarted(
            kind=term.kind,
            category=term.category,
            clause=term.clause,
            reason=term.reason,
            due_at=term.due_at,
        ),
    )


def _run_out(command: RunOut, clock: RecordClock) -> tuple[Event, ...]:
    """A hold without a last day is tried again whenever the sweep asks."""
    situation = clock.of(command.category)
    if not isinstance(situation, Running | Held):
        return ()
    due_at = situation.due_at or command.at
    if due_at > command.at or (isinstance(situation, Held) and situation.is_told):
        return ()
    return (RecordDue(category=command.category, clause=situation.clause, due_at=due_at),)


def _call_due(command: CallDue, clock: RecordClock) -> tuple[Event, ...]:
    if isinstance(clock.of(command.category), Due | Held | Over):
        return ()
    return (RecordDue(category=command.category, clause=command.clause, due_at=command.at),)


def _note_destruction(command: NoteDestruction, clock: RecordClock) -> tuple[Event, ...]:
    """One fact for all that went, one for each category that the law keeps."""
    over = {category for category, it in clock.categories.items() if isinstance(it, Over)}
    gone = [one for one in command.gone if one.category not in over]
    over |= {one.category for one in gone}
    kept = [
        one
        for one in command.kept
        if one.category not in over and (command.erasure, one.category) not in clock.met
    ]
    return (*_erased(command, gone), *(_held(command.erasure, one) for one in kept))


def _erased(command: NoteDestruction, gone: list[Gone]) -> tuple[RecordErased, ...]:
    if not gone:
        return ()
    return (
        RecordErased(
            erasure=command.erasure,
            cause=command.cause,
            categories=tuple(sorted(one.category for one in gone)),
            unreadable_since=max(one.at for one in gone),
        ),
    )


def _held(erasure: UUID, kept: Kept) -> RecordHeld:
    return RecordHeld(
        erasure=erasure,
        category=kept.category,
        reason=kept.reason,
        basis=kept.basis,
        until_on=kept.until_on,
    )


CLOCK: Decider[Command, RecordClock] = Decider(initial=RecordClock(), evolve=evolve, decide=decide)
