"""The keyring as everyone sees it: make, open, hold, release, destroy, and whose record it is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from libs.keyring.keys import DataKey
from libs.keyring.openings import (
    DestroyOutcome,
    HoldRequest,
    LinkedRecord,
    Missing,
    ProvisionalHold,
    Shredded,
)


class Keyring(Protocol):
    """Whose a record is, and the keys that make it readable.

    Raises: KeyringUnavailable from every awaited call, when the keyring cannot be reached: stop and
            retry; it never means erased. KeyringRefused, when the role may not.
    Source: D5, D6, D7.
    """

    async def make_keys(
        self,
        record: UUID,
        *,
        kind: str,
        categories: Sequence[str],
        subject: bytes | None,
        at: datetime,
        hold: HoldRequest | None = None,
    ) -> dict[str, DataKey]:
        """Makes the missing keys of a record and gives back all that were asked for.

        Shape:  existing keys are given back as they are; `subject` is a blind index, and the record
                is linked to the subject that has it (made when new) unless it is linked already;
                the hold is placed unless one of that reason was ever placed; one without a last
                day that this role placed itself begins anew, also when it was taken back.
        Raises: RecordErased, when a fence stands; KeyringRefused, when the role may not.
        """

    async def open_keys(
        self, wanted: Collection[tuple[UUID, str]]
    ) -> Mapping[tuple[UUID, str], DataKey | Shredded | Missing]:
        """The newest key of each (record, category), or why there is none; one round trip at most.

        Raises: KeyringRefused, when the role may not open one of the categories.
        """

    async def place_hold(
        self, record: UUID, category: str, hold: HoldRequest, *, at: datetime
    ) -> None:
        """Keeps a category from destruction; a hold of the same reason is replaced.

        Shape:  a placement older than what is known of that hold changes nothing.
        Raises: RecordErased, when the key is destroyed; KeyringRefused, when there never was one.
        """

    async def release_hold(self, record: UUID, category: str, reason: str, *, at: datetime) -> None:
        """Ends a hold; nothing happens when there is none or it has ended."""

    async def provisional_holds(
        self, category: str, *, before: datetime, limit: int
    ) -> list[ProvisionalHold]:
        """Unreleased holds without a last day that this role placed before a moment, oldest first.

        Raises: KeyringRefused, when the role may not hold the category.
        """

    async def take_back_hold(self, hold: ProvisionalHold, *, at: datetime) -> bool:
        """Ends a provisional hold that this role placed; says whether it did.

        Shape:  nothing happens when it was released, dated or begun anew since it was listed.
        Raises: KeyringRefused, when the role may not hold the category.
        """

    async def records_made(self, *, after: UUID, before: datetime, limit: int) -> list[UUID]:
        """Living records whose first key from this role is older than a moment, in order of id.

        Shape: only those with an id after `after`, so that a reader can go on page by page.
        """

    async def destroy(self, record: UUID, *, erasure: UUID, at: datetime) -> DestroyOutcome:
        """Destroys every key of the record that no hold keeps, and fences the record.

        Shape:  asked again, the same outcome with the same moments.
        """

    async def destroy_all(
        self, records: Collection[UUID], *, erasure: UUID, at: datetime
    ) -> Mapping[UUID, DestroyOutcome]:
        """Does the same to several records, all or none, and tells of each of them."""

    async def records_of(self, blind_index: bytes) -> list[LinkedRecord]:
        """Every record of the subject with this blind index, oldest link first."""

    async def records_with(self, record: UUID) -> list[LinkedRecord]:
        """Every record of this record's subject, itself included; empty once it is forgotten."""

    async def find_record(self, blind_index: bytes, kind: str) -> UUID | None:
        """The newest record of that kind of the subject with this blind index."""

    async def count_records(self, blind_index: bytes, kind: str, *, after: datetime) -> int:
        """How many records of that kind the subject with this blind index got after a moment.

        Shape: only those that this role may open, and that are not erased.
        """

    def revoke(self, record: UUID) -> None:
        """Forgets what this process remembers of the record's keys, at once."""

    def forget_old_keys(self) -> None:
        """Drops from memory the keys that were not asked for since the ceiling."""
