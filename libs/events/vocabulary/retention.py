"""What retention says: clocks, holds met, erasures and their certificates."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.values import Category, Owner, RecordKind


class HeldPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category of a record that the law keeps, why, and until when."""

    record: UUID
    category: Category
    reason: str
    basis: str
    until_on: date | None


class ErasedPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category of a record whose key was destroyed, and when it became unreadable."""

    record: UUID
    category: Category
    unreadable_since: datetime


class ClockStarted(Event, frozen=True, kw_only=True):
    """A term began for one category of a record, or began again for a stated reason."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.RETENTION,)

    kind: RecordKind
    category: Category
    clause: str
    reason: str
    due_at: datetime


class RecordDue(Event, frozen=True, kw_only=True):
    """The term of a category ran out."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.RETENTION,)

    category: Category
    clause: str
    due_at: datetime


class ErasureBegun(Event, frozen=True, kw_only=True):
    """An erasure of these records was decided, for this cause."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.RETENTION,)

    cause: str
    request: UUID | None
    records: tuple[UUID, ...]


class RecordErased(Event, frozen=True, kw_only=True):
    """The keys of these categories of the record were destroyed; every owner is to scrub."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.RETENTION,)

    erasure: UUID
    cause: str
    categories: tuple[Category, ...]
    unreadable_since: datetime


class RecordHeld(Event, frozen=True, kw_only=True):
    """The law keeps this category of the record although it was to go."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.RETENTION,)

    erasure: UUID
    category: Category
    reason: str
    basis: str
    until_on: date | None


class OwnerScrubbed(Event, frozen=True, kw_only=True):
    """An owner told the erasure that its views and objects of a record are gone."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.RETENTION,)

    record: UUID
    owner: Owner


class ScrubAskedAgain(Event, frozen=True, kw_only=True):
    """These owners have not answered for a record in time; they are to scrub and answer again.

    Shape: said in the erasure's own stream, so nothing that waits behind the record holds it back;
    `next_at` is when it is said again while an answer is missing.
    """

    owners: ClassVar[tuple[Owner, ...]] = (Owner.RETENTION,)

    record: UUID
    silent: tuple[Owner, ...]
    categories: tuple[Category, ...]
    asked_at: datetime
    next_at: datetime


class ErasureCompleted(Event, frozen=True, kw_only=True):
    """Every owner answered; the certificate says what went and what stays until when."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.RETENTION,)

    cause: str
    request: UUID | None
    erased: tuple[ErasedPart, ...]
    held: tuple[HeldPart, ...]
    recipients_told: tuple[str, ...]
    completed_at: datetime
    certificate: str


class KeysUnrecoverable(Event, frozen=True, kw_only=True):
    """A shred round ended an epoch: no copy anywhere gives these erasures' keys back any more.

    Shape: the record is the round; `epoch` is the last that ended, and all before it are gone, too.
    An erasure that went on meanwhile is named again by a later round.
    """

    owners: ClassVar[tuple[Owner, ...]] = (Owner.RETENTION,)

    epoch: int
    since: datetime
    erasures: tuple[UUID, ...]
