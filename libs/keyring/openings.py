"""What the keyring answers: a key, shredded, missing, refused, or unavailable; never confused.

Nothing here carries a person: records, categories, reasons, moments and dates only.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.events.errors import FluxError, Refused, Unavailable


@dataclass(frozen=True, slots=True)
class Shredded:
    """The key of this category was destroyed at this moment: the value is gone, for ever."""

    category: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """No key of this category was ever made for the record: a defect, not an erasure."""

    category: str


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A wish to keep one category of a record from destruction.

    Shape: `until_on` is None while the end is not known yet (a provisional hold).
    Why:   a hold ends when it is released, not when its date passes; the date is for people.
    """

    category: str
    reason: str
    basis: str
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class ProvisionalHold:
    """A hold without a last day, as it was placed at one moment."""

    record: UUID
    category: str
    reason: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Destroyed:
    """One category whose key is gone, since when, and by which erasure."""

    category: str
    at: datetime
    erasure: UUID


@dataclass(frozen=True, slots=True)
class Held:
    """One category that stays, for which reason, on what basis, and until when if that is known."""

    category: str
    reason: str
    basis: str
    until_on: date | None


@dataclass(frozen=True, slots=True)
class DestroyOutcome:
    """What became of a record's keys.

    Shape: both lists are complete for the record, in order of category, also when asked again:
           a category destroyed by an earlier erasure is listed with that erasure and its moment.
           Both are empty for a record that never had a key.
    """

    destroyed: tuple[Destroyed, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class LinkedRecord:
    """One record of a subject."""

    record: UUID
    kind: str


class KeyringUnavailable(Unavailable):
    """The keyring or its epoch keys cannot be reached now: stop, keep the message, try again."""


class KeyringRefused(Refused):
    """The keyring's rules say no to this role or this request: trying again will not help."""

    title = "The keyring refused the request."


class RecordErased(KeyringRefused):
    """The record's keys were destroyed: no new personal data may be written for it.

    Why: a key made again after its destruction would undo the erasure.
    """

    title = "This record was erased."

    def __init__(self, record: UUID) -> None:
        """Name the record."""
        super().__init__(f"record {record} is erased: nothing was made; start a new record instead")
        self.record = record


class WrappedKeyRejected(FluxError):
    """A stored key does not belong to its row: swapped, altered, or under another epoch key."""

    def __init__(self, record: UUID, category: str) -> None:
        """Name the record and the category."""
        super().__init__(
            f"the stored {category} key of record {record} does not open in its place: "
            "nothing was read; compare the keyring with its last backup"
        )
        self.record = record
        self.category = category
