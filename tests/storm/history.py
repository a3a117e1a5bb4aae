"""What the clients did and were told, kept outside the system under test; no personal value."""

import os
import tempfile
import weakref
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO

import msgspec


class Outcome(StrEnum):
    """What a client knows of an operation: done, not done, or neither."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing a client asked for, all its tries together.

    Shape: `trace` is carried into every fact that follows, so it joins the history to the logs.
    Units: seconds since the storm began.
    """

    kind: str
    trace: str
    key: str
    record: str | None
    outcome: Outcome
    status: int
    tries: int
    began_seconds: float
    took_seconds: float


@dataclass
class Heard:
    """What the clients counted, and what they found wrong on the spot.

    Shape: `faces` are the kinds of answers that people got of whom we know, or know not.
    """

    writes: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    under_way: int = 0
    unequal_answers: list[str] = field(default_factory=list)
    unseen_writes: list[str] = field(default_factory=list)
    broken_doors: list[str] = field(default_factory=list)
    faces: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    answers: int = 0
    repeats: int = 0
    looks: int = 0

    @property
    def total(self) -> int:
        """Writes, looks and repeats together."""
        return self.writes.total() + self.looks + self.repeats

    @property
    def complaints(self) -> list[str]:
        """What was found wrong on the spot."""
        return [*self.unequal_answers, *self.unseen_writes, *self.broken_doors]


class History(Heard):
    """Everything the clients did, on disk as it happens; only what is counted is in memory."""

    def __init__(self, path: Path | None = None) -> None:
        """Begin it anew at `path`; without one it is gone with this process."""
        super().__init__()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w+b") if path else tempfile.TemporaryFile()  # noqa: SIM115 - lives on
        self._file: IO[bytes] = file
        weakref.finalize(self, file.close)

    def note(self, operation: Operation) -> None:
        """Keep what came of one operation."""
        self.writes[operation.kind] += 1
        self.outcomes[operation.outcome] += 1
        self._file.write(msgspec.json.encode(operation) + b"\n")

    def flush(self) -> None:
        """Everything noted is in the file."""
        self._file.flush()

    @property
    def operations(self) -> Iterator[Operation]:
        """Each write in the order in which they ended; nothing may be noted meanwhile."""
        decoder = msgspec.json.Decoder(Operation)
        self._file.seek(0)
        yield from map(decoder.decode, self._file)
        self._file.seek(0, os.SEEK_END)


def outcome_of(statuses: Sequence[int]) -> Outcome:
    """What the answers to all tries of one operation say together; no answer counts as 0.

    Why: a refusal after a try without an answer does not tell what became of that try.
    """
    last = statuses[-1]
    if 200 <= last < 300:
        return Outcome.OK
    is_definite = 400 <= last < 500 and not any(is_unclear(one) for one in statuses)
    return Outcome.FAIL if is_definite else Outcome.UNKNOWN


def is_unclear(status: int) -> bool:
    """Whether an answer leaves open what was done."""
    return status == 0 or status >= 500
