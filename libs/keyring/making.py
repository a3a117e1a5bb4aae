"""Making keys: what is asked, the fresh secrets made for it, and what each asker gets back."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.keyring.epoch_keys import EpochKeys, NotWrappedHere
from libs.keyring.keys import SECRET_BYTES, DataKey, bound_to, fingerprint
from libs.keyring.openings import HoldRequest, KeyringRefused, RecordErased, WrappedKeyRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeAsked:
    """One caller's wish for the keys of one record."""

    record: UUID
    kind: str
    categories: tuple[str, ...]
    subject: bytes | None
    at: datetime
    hold: HoldRequest | None

    @property
    def row(self) -> tuple[Any, ...]:
        """The record as the database takes it."""
        return (self.record, self.kind, self.subject, self.at)

    @property
    def hold_rows(self) -> list[tuple[Any, ...]]:
        """The hold as the database takes it, when there is one."""
        return [hold_row(self.record, self.hold)] if self.hold else []


def hold_row(record: UUID, hold: HoldRequest) -> tuple[Any, ...]:
    """A hold as the database takes it."""
    return (record, hold.category, hold.reason, hold.until_on, hold.basis)


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A key made just now, and how it would be stored if none is there yet."""

    key: DataKey
    epoch: int
    wrapped: bytes

    @property
    def row(self) -> tuple[Any, ...]:
        """The key as the database takes it."""
        key = self.key
        return (key.record, key.category, self.epoch, self.wrapped, fingerprint(key))


def make_fresh(
    record: UUID, categories: Iterable[str], *, epoch: int, epoch_keys: EpochKeys
) -> list[FreshKey]:
    """A fresh random key for each category, wrapped under the epoch.

    Raises: EpochKeyGone.
    """
    fresh = []
    for category in categories:
        key = DataKey(record, category, 1, os.urandom(SECRET_BYTES))
        place = bound_to(record, category, revision=1, epoch=epoch)
        fresh.append(FreshKey(key, epoch, epoch_keys.wrap(epoch, key.secret, place)))
    return fresh


def unwrap_row(row: Mapping[str, Any], epoch_keys: EpochKeys) -> DataKey:
    """The data key of a stored row.

    Raises: EpochKeyGone; WrappedKeyRejected, when the bytes belong to another row.
    """
    record, category, revision = row["record"], row["category"], row["revision"]
    place = bound_to(record, category, revision=revision, epoch=row["epoch"])
    try:
        secret = epoch_keys.unwrap(row["epoch"], row["wrapped"], place)
    except NotWrappedHere:
        raise WrappedKeyRejected(record, category) from None
    return DataKey(record, category, revision, secret)


def read_answer(
    rows: Iterable[Mapping[str, Any]], fresh: Iterable[FreshKey], epoch_keys: EpochKeys
) -> dict[str, DataKey] | KeyringRefused | WrappedKeyRejected:
    """What one caller gets: the keys, or why not.

    Raises: EpochKeyGone.
    """
    ours = {one.wrapped: one.key for one in fresh}
    keys: dict[str, DataKey] = {}
    for row in rows:
        record, category = row["record"], row["category"]
        if row["outcome"] == "erased":
            return RecordErased(record)
        if row["outcome"] == "refused":
            return KeyringRefused(f"this role may not make the keys asked for record {record}")
        try:
            keys[category] = ours.get(row["wrapped"]) or unwrap_row(row, epoch_keys)
        except WrappedKeyRejected as rejected:
            return rejected
    return keys
