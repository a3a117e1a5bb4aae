"""What lies in every store after the storm, as the checkers take it; no personal value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

LONG_AGO = datetime(2026, 1, 1, 12, tzinfo=UTC)
Place = tuple[str, str]
"""A record and a category of it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of a log."""

    event_id: str
    record: str
    version: int
    name: str
    causation_id: str | None = None
    trace: str | None = None
    recorded_at: datetime = LONG_AGO


@dataclass(frozen=True, slots=True)
class Posted:
    """One message of a topic; `version` and ids are none where they cannot be read."""

    topic: str
    partition: int
    offset: int
    event_id: str | None
    record: str | None
    version: int | None
    is_garbage: bool = False


@dataclass(frozen=True, slots=True)
class Parked:
    """One message that a service set aside."""

    topic: str
    partition: int
    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a view: to which version it was folded, and whether a sealed box lies in it."""

    record: str
    version: int
    has_box: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One term that began: by which fact, and when it is over."""

    place: Place
    version: int
    cause: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a term may count from: when a fact was recorded, or the moment or day it names."""

    name: str
    recorded_at: datetime
    at: datetime | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """A category that was called due, when, and at which version of its record's clock."""

    place: Place
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """What the law keeps of an order: the last day, or the moment at which it was let go."""

    record: str
    version: int
    until_on: date | None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose; `answers` are the purposes that were granted."""

    record: str
    version: int
    answers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Journal:
    """The erasure journal: its lines by the fact they tell, and what is wrong with it."""

    lines: Mapping[str, frozenset[Place]] = field(default_factory=dict)
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceDump:
    """One service's database.

    Shape: `heard` is by topic, then by record; `scrubbed` says at which version of its own log it
    answered for a place.
    """

    log: Sequence[Fact] = ()
    heard: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    scrubbed: Mapping[Place, int] = field(default_factory=dict)
    held_back: Sequence[tuple[str, str]] = ()
    parked: Sequence[Parked] = ()
    offsets: Mapping[tuple[str, int], int] = field(default_factory=dict)
    outbox: int = 0
    effects: int = 0


@dataclass(frozen=True, slots=True)
class ErasureDump:
    """One erasure: what its own facts say, and what its certificate says."""

    erasure: str
    records: frozenset[str]
    completed: bool
    certified: frozenset[tuple[str, str]] = frozenset()
    certified_held: frozenset[tuple[str, str]] = frozenset()
    is_signed: bool = True


@dataclass(frozen=True, slots=True)
class Dump:
    """Everything that was read.

    Shape: `erased` and `held` are places with the erasure that did it, by retention's facts, and
    `unreadable` since when; `keys` and `holds` are what the keyring has; `situations` are
    retention's clocks; `anchors` are by the id of their fact; `now` is the stack's clock.
    """

    services: Mapping[str, ServiceDump] = field(default_factory=dict)
    topics: Sequence[Posted] = ()
    ends: Mapping[tuple[str, int], int] = field(default_factory=dict)
    views: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    erased: Mapping[Place, str] = field(default_factory=dict)
    unreadable: Mapping[Place, datetime] = field(default_factory=dict)
    erased_by: Mapping[str, frozenset[Place]] = field(default_factory=dict)
    held: Mapping[Place, frozenset[str]] = field(default_factory=dict)
    erasures: Sequence[ErasureDump] = ()
    keys: frozenset[Place] = frozenset()
    holds: frozenset[Place] = frozenset()
    situations: Mapping[Place, str] = field(default_factory=dict)
    terms: Sequence[Term] = ()
    anchors: Mapping[str, Anchor] = field(default_factory=dict)
    called: Sequence[Called] = ()
    order_holds: Sequence[Hold] = ()
    choices: Sequence[Choice] = ()
    choices_now: Sequence[Choice] = ()
    journal: Journal = field(default_factory=Journal)
    now: datetime = LONG_AGO
