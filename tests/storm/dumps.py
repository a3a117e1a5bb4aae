"""What lies in every store after the storm, as the checkers take it; no personal value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of a log."""

    event_id: str
    record: str
    version: int
    name: str
    causation_id: str | None = None
    trace: str | None = None


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
class ServiceDump:
    """One service's database."""

    log: Sequence[Fact] = ()
    heard: Mapping[tuple[str, str], int] = field(default_factory=dict)
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

    Shape: `erased` and `held` are (record, category) with the erasure that did it, by retention's
    facts; `keys` and `holds` are what the keyring has; `situations` are retention's clocks.
    """

    services: Mapping[str, ServiceDump] = field(default_factory=dict)
    topics: Sequence[Posted] = ()
    ends: Mapping[tuple[str, int], int] = field(default_factory=dict)
    views: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    erased: Mapping[tuple[str, str], str] = field(default_factory=dict)
    held: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    erasures: Sequence[ErasureDump] = ()
    keys: frozenset[tuple[str, str]] = frozenset()
    holds: frozenset[tuple[str, str]] = frozenset()
    situations: Mapping[tuple[str, str], str] = field(default_factory=dict)
