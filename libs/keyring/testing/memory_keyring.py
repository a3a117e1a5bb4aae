"""A keyring in memory that keeps the same rules as the real one."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from libs.keyring.keys import SECRET_BYTES, DataKey
from libs.keyring.openings import (
    Destroyed,
    DestroyOutcome,
    Held,
    HoldRequest,
    KeyringRefused,
    KeyringUnavailable,
    LinkedRecord,
    Missing,
    ProvisionalHold,
    RecordErased,
    Shredded,
)
from libs.keyring.testing.memory_rights import ANYONE, may

Place = tuple[UUID, str]


@dataclass(slots=True)
class _HoldRow:
    wanted: HoldRequest
    placed_at: datetime
    placed_by: str
    released_at: datetime | None = None

    def is_provisional_of(self, role: str) -> bool:
        """Whether the role placed it without a last day."""
        return self.placed_by == role and self.wanted.until_on is None


@dataclass(slots=True)
class _RecordRow:
    kind: str
    subject: bytes | None = None
    linked_at: datetime | None = None
    erased_at: datetime | None = None
    made: dict[str, datetime] = field(default_factory=dict)
    keys: dict[str, tuple[DataKey, str]] = field(default_factory=dict)
    holds: dict[tuple[str, str], _HoldRow] = field(default_factory=dict)
    fences: dict[str, Destroyed] = field(default_factory=dict)

    def is_linked_after(self, moment: datetime) -> bool:
        """Whether it became its subject's later than that."""
        return self.linked_at is not None and self.linked_at > moment

    def is_held(self, category: str) -> bool:
        """Whether an unreleased hold keeps the category."""
        return any(
            name == category and not row.released_at for (name, _), row in self.holds.items()
        )

    def begin(self, hold: HoldRequest, at: datetime, role: str) -> None:
        """Write the hold that comes with a key, unless others know better."""
        known = self.holds.get((hold.category, hold.reason))
        if known and not (known.is_provisional_of(role) and hold.until_on is None):
            return
        placed_at = max(at, known.placed_at + timedelta.resolution) if known else at
        self.holds[hold.category, hold.reason] = _HoldRow(hold, placed_at, role)

    def place(self, hold: HoldRequest, at: datetime, role: str) -> None:
        """Write the hold, unless what is known of it is newer."""
        known = self.holds.get((hold.category, hold.reason))
        if known and (at < known.placed_at or (known.released_at and at <= known.released_at)):
            return
        self.holds[hold.category, hold.reason] = _HoldRow(hold, at, role)


class _Shelf:
    """What all roles see."""

    def __init__(self) -> None:
        self.records: dict[UUID, _RecordRow] = {}
        self.is_up = True


class MemoryKeyring:
    """A `Keyring` in dictionaries; `as_role` gives the same keyring as another role sees it."""

    def __init__(self, role: str = ANYONE, *, shelf: _Shelf | None = None) -> None:
        """Start empty, with every right unless a role is named."""
        self._role = role
        self._shelf = shelf or _Shelf()

    def as_role(self, role: str) -> "MemoryKeyring":
        """The same keyring with the rights of that role only."""
        return MemoryKeyring(role, shelf=self._shelf)

    def stop(self) -> None:
        """From now on nothing answers, for any role."""
        self._shelf.is_up = False

    def start(self) -> None:
        """Answer again."""
        self._shelf.is_up = True

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
        """Makes the missing keys of a record and gives back all that were asked for."""
        self._check("make", *categories)
        self._check("hold", *([hold.category] if hold else []))
        row = self._shelf.records.get(record) or _RecordRow(kind)
        if row.erased_at and any(category not in row.keys for category in categories):
            raise RecordErased(record)
        self._check_makers(row, categories)
        self._shelf.records[record] = row
        if subject and not row.linked_at and not row.erased_at:
            row.subject, row.linked_at = subject, at
        row.made.setdefault(self._role, at)
        for category in categories:
            fresh = DataKey(record, category, 1, os.urandom(SECRET_BYTES))
            row.keys.setdefault(category, (fresh, self._role))
        if hold:
            row.begin(hold, at, self._role)
        return {category: row.keys[category][0] for category in categories}

    async def open_keys(
        self, wanted: Collection[Place]
    ) -> Mapping[Place, DataKey | Shredded | Missing]:
        """The key of each (record, category), or why there is none."""
        self._check("open", *(category for _, category in wanted))
        return {place: self._open(*place) for place in wanted}

    async def place_hold(
        self, record: UUID, category: str, hold: HoldRequest, *, at: datetime
    ) -> None:
        """Keeps a category from destruction."""
        self._check("hold", category)
        if hold.category != category:
            message = f"the hold is for {hold.category}, not for {category}: nothing was placed"
            raise KeyringRefused(message)
        row = self._shelf.records.get(record)
        if row and category in row.fences:
            raise RecordErased(record)
        if not row or category not in row.keys:
            message = f"record {record} has no {category} key to hold: make the key first"
            raise KeyringRefused(message)
        row.place(hold, at, self._role)

    async def release_hold(self, record: UUID, category: str, reason: str, *, at: datetime) -> None:
        """Ends a hold; nothing happens when there is none or it has ended."""
        self._check("release", category)
        row = self._shelf.records.get(record)
        held = row.holds.get((category, reason)) if row else None
        if held and not held.released_at and held.placed_at <= at:
            held.released_at = at

    async def provisional_holds(
        self, category: str, *, before: datetime, limit: int
    ) -> list[ProvisionalHold]:
        """This role's own holds without a last day that were placed before a moment."""
        self._check("hold", category)
        found = [
            ProvisionalHold(record, name, reason, one.placed_at)
            for record, row in self._shelf.records.items()
            for (name, reason), one in row.holds.items()
            if name == category and one.is_provisional_of(self._role)
            if one.placed_at < before and not one.released_at
        ]
        return sorted(found, key=lambda one: (one.placed_at, one.record))[:limit]

    async def take_back_hold(self, hold: ProvisionalHold, *, at: datetime) -> bool:
        """Ends a provisional hold, if it is still the one that was listed."""
        self._check("hold", hold.category)
        row = self._shelf.records.get(hold.record)
        known = row.holds.get((hold.category, hold.reason)) if row else None
        if not known or known.released_at or known.placed_at != hold.placed_at:
            return False
        if known.is_provisional_of(self._role):
            known.released_at = max(at, known.placed_at)
        return known.released_at is not None

    async def records_made(self, *, after: UUID, before: datetime, limit: int) -> list[UUID]:
        """Living records whose first key from this role is older than a moment."""
        self._check_up()
        found = [
            record
            for record, row in self._shelf.records.items()
            if record > after and not row.erased_at
            if self._role in row.made and row.made[self._role] < before
        ]
        return sorted(found)[:limit]

    async def destroy(self, record: UUID, *, erasure: UUID, at: datetime) -> DestroyOutcome:
        """Destroys every key of the record that no hold keeps, and fences the record."""
        self._check("destroy", "*")
        row = self._shelf.records.setdefault(record, _RecordRow("unknown"))
        row.erased_at = row.erased_at or at
        for category in [name for name in row.keys if not row.is_held(name)]:
            row.fences[category] = Destroyed(category, at, erasure)
            del row.keys[category]
        if not row.keys:
            row.subject = None
        held = sorted(row.holds.items())
        return DestroyOutcome(
            destroyed=tuple(row.fences[category] for category in sorted(row.fences)),
            held=tuple(
                Held(category, reason, one.wanted.basis, one.wanted.until_on)
                for (category, reason), one in held
                if not one.released_at and category in row.keys
            ),
        )

    async def destroy_all(
        self, records: Collection[UUID], *, erasure: UUID, at: datetime
    ) -> Mapping[UUID, DestroyOutcome]:
        """Does the same to several records."""
        return {one: await self.destroy(one, erasure=erasure, at=at) for one in records}

    async def records_of(self, blind_index: bytes) -> list[LinkedRecord]:
        """Every record of the subject with this blind index, oldest link first."""
        self._check("read links", "*")
        return self._linked(blind_index)

    async def records_with(self, record: UUID) -> list[LinkedRecord]:
        """Every record of the subject of this record, itself included."""
        self._check("read links", "*")
        row = self._shelf.records.get(record)
        return self._linked(row.subject) if row and row.subject else []

    async def find_record(self, blind_index: bytes, kind: str) -> UUID | None:
        """The newest record of that kind of the subject with this blind index."""
        self._check_up()
        sees_links = may(self._role, "read links", "*")
        found = [
            one.record
            for one in self._linked(blind_index)
            if one.kind == kind and (sees_links or self._opens_one_of(one.record))
        ]
        return found[-1] if found else None

    async def count_records(self, blind_index: bytes, kind: str, *, after: datetime) -> int:
        """How many records of that kind the subject with this blind index got after a moment."""
        self._check_up()
        return sum(
            self._shelf.records[one.record].is_linked_after(after)
            for one in self._linked(blind_index)
            if one.kind == kind and self._opens_one_of(one.record)
        )

    def revoke(self, record: UUID) -> None:
        """Nothing to forget: this keyring remembers no answers."""

    def forget_old_keys(self) -> None:
        """Nothing to drop: this keyring remembers no answers."""

    def _check_up(self) -> None:
        if not self._shelf.is_up:
            message = "the keyring does not answer (stopped): wait and try again"
            raise KeyringUnavailable(message)

    def _check(self, right: str, *categories: str) -> None:
        self._check_up()
        lacking = sorted({one for one in categories if not may(self._role, right, one)})
        if lacking:
            message = f"the keyring refused: {self._role} may not {right} {', '.join(lacking)}"
            raise KeyringRefused(message)

    def _check_makers(self, row: _RecordRow, categories: Sequence[str]) -> None:
        for category in categories:
            _, maker = row.keys.get(category, (None, self._role))
            if maker != self._role:
                self._check("open", category)

    def _open(self, record: UUID, category: str) -> DataKey | Shredded | Missing:
        row = self._shelf.records.get(record)
        if row and category in row.fences:
            return Shredded(category, row.fences[category].at)
        return row.keys[category][0] if row and category in row.keys else Missing(category)

    def _opens_one_of(self, record: UUID) -> bool:
        keys = self._shelf.records[record].keys
        return any(may(self._role, "open", category) for category in keys)

    def _linked(self, blind_index: bytes) -> list[LinkedRecord]:
        rows = [
            (row.linked_at, record, row.kind)
            for record, row in self._shelf.records.items()
            if row.linked_at and row.subject == blind_index
        ]
        return [LinkedRecord(record, kind) for _, record, kind in sorted(rows)]
