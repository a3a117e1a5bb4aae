"""The log's promise: append at an expected version, read a record, read onward."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from libs.events.errors import Conflict, FluxError
from libs.events.event import Event
from libs.events.recorded import Recorded

EFFECTS = Mapping[type[Event], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a door answered to a request with this idempotency key.

    Shape: `key_hash` and `fingerprint` are keyed hashes; `body` holds no personal value.
    Source: draft-ietf-httpapi-idempotency-key-header-07.
    """

    scope: str
    key_hash: bytes
    fingerprint: bytes
    status: int
    body: str
    answered_at: datetime


@dataclass(frozen=True, kw_only=True)
class Append:
    """New facts of one record, sealed, to be kept together or not at all."""

    record: UUID
    expected_version: int
    recorded: tuple[Recorded, ...]
    answer: Answer | None = None


class AlreadyAnswered(FluxError):
    """A request with this idempotency key was answered before; give that answer again."""


class Checkpoint(msgspec.Struct, frozen=True):
    """How far a reader of the whole log has come.

    Shape: every transaction before `transaction` is read; inside the window up to `upto`, every
    fact up to `position` is.
    """

    transaction: int = 0
    upto: int | None = None
    position: int = 0


@dataclass(frozen=True)
class Stretch:
    """What a reader of the whole log gets next, and where to go on."""

    recorded: tuple[Recorded, ...]
    checkpoint: Checkpoint


class EventLog(Protocol):
    """Keeps the facts of one service, in order per record, for ever."""

    async def load(self, record: UUID) -> list[Recorded]:
        """All facts of a record, oldest first, their parts sealed; none is an empty list."""
        ...

    async def find_unknown(self, records: Collection[UUID]) -> set[UUID]:
        """Those of these records that have no fact."""
        ...

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Keep the facts, their views, effects and the answer in one transaction.

        Shape: what comes back carries its position.
        Raises: Conflict, when the record is not at the expected version; AlreadyAnswered, when
        the answer's key was used before; Unavailable, when the database is away.
        """
        ...

    async def append_each(self, appends: Sequence[Append]) -> list[tuple[Recorded, ...] | Conflict]:
        """Keep each by itself, at the cost of few: its facts, or the conflict that kept it out.

        Raises: what befell one that did not end in a conflict; the others are kept all the same.
        """
        ...

    async def read_onward(self, after: Checkpoint) -> Stretch:
        """The facts committed since the checkpoint, in order per record, none ever skipped.

        Shape: a fact may come twice, when a later one of its record had to come with it; a
        reader drops what it has by (record, version).
        """
        ...


def next_version(history: Sequence[Recorded]) -> int:
    """The version that the record is at; zero before its first fact."""
    return history[-1].version if history else 0
