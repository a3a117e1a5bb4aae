"""The keyring in Postgres: every rule is decided there, under one lock; keys are opened here."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from libs.events.gathering import Answers, Gathering, together_or_apart
from libs.events.queries import load_queries
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import EpochKeyGone, EpochKeys
from libs.keyring.keys import DataKey
from libs.keyring.making import FreshKey, MakeAsked, hold_row, make_fresh, read_answer, unwrap_row
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
    WrappedKeyRejected,
)
from libs.keyring.outages import told_apart

QUERIES = load_queries(Path(__file__).parent / "sql" / "queries.sql")
_EPOCH_TRIES = 4

Opening = DataKey | Shredded | Missing
Place = tuple[UUID, str]
MakeAnswers = Answers[dict[str, DataKey]]
FAULTS = (KeyringRefused, WrappedKeyRejected, asyncpg.PostgresError, ValueError)
"""What one ask may be at fault with; an outage is nobody's fault."""


class PostgresKeyring:
    """A `Keyring` over a pool whose login role is the service; what it may is decided there."""

    def __init__(
        self, pool: asyncpg.Pool, epoch_keys: EpochKeys, cache: KeyCache, *, batch_max: int = 200
    ) -> None:
        """Use the pool as it is; whoever made it closes it."""
        self._pool = pool
        self._epoch_keys = epoch_keys
        self._cache = cache
        self._epoch: int | None = None
        self._making = Gathering[MakeAsked, dict[str, DataKey]](self._make_each, size_max=batch_max)
        self._reading = Gathering[Sequence[Place], Mapping[Place, Opening]](
            self._read_each, size_max=batch_max
        )

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
        """Makes the missing keys; calls that come together share one statement and one commit."""
        asked = MakeAsked(
            record=record,
            kind=kind,
            categories=tuple(dict.fromkeys(categories)),
            subject=subject,
            at=at,
            hold=hold,
        )
        return await self._making.ask(record, asked)

    async def open_keys(self, wanted: Collection[Place]) -> Mapping[Place, Opening]:
        """The newest key of each place, or why there is none; asks only for what it lacks.

        Shape: calls that come together share one question.
        """
        found: dict[Place, Opening] = {}
        lacking: list[Place] = []
        for place in wanted:
            kept = self._cache.get(*place)
            if kept is None:
                lacking.append(place)
            else:
                found[place] = kept
        if lacking:
            found |= await self._reading.ask(object(), lacking)
        return found

    async def place_hold(
        self, record: UUID, category: str, hold: HoldRequest, *, at: datetime
    ) -> None:
        """Keeps a category from destruction."""
        if hold.category != category:
            message = f"the hold is for {hold.category}, not for {category}: nothing was placed"
            raise KeyringRefused(message)
        outcome = await self._ask_one("place_hold", hold_row(record, hold), at)
        if outcome == "erased":
            raise RecordErased(record)
        if outcome == "missing":
            message = f"record {record} has no {category} key to hold: make the key first"
            raise KeyringRefused(message)

    async def release_hold(self, record: UUID, category: str, reason: str, *, at: datetime) -> None:
        """Ends a hold."""
        await self._ask_one("release_hold", record, category, reason, at)

    async def provisional_holds(
        self, category: str, *, before: datetime, limit: int
    ) -> list[ProvisionalHold]:
        """This role's own holds without a last day that were placed before a moment."""
        rows = await self._ask("list_provisional_holds", category, before, limit)
        return [ProvisionalHold(**row) for row in rows]

    async def take_back_hold(self, hold: ProvisionalHold, *, at: datetime) -> bool:
        """Ends a provisional hold, if it is still the one that was listed."""
        place = (hold.record, hold.category, hold.reason)
        is_ended: bool = await self._ask_one("take_back_hold", *place, hold.placed_at, at)
        return is_ended

    async def records_made(self, *, after: UUID, before: datetime, limit: int) -> list[UUID]:
        """Living records whose first key from this role is older than a moment."""
        rows = await self._ask("list_records_made", after, before, limit)
        return [row["record"] for row in rows]

    async def destroy(self, record: UUID, *, erasure: UUID, at: datetime) -> DestroyOutcome:
        """Destroys what no hold keeps, and tells what became of the record."""
        return (await self.destroy_all([record], erasure=erasure, at=at))[record]

    async def destroy_all(
        self, records: Collection[UUID], *, erasure: UUID, at: datetime
    ) -> Mapping[UUID, DestroyOutcome]:
        """Destroys what no hold keeps in one statement, and tells what became of each record."""
        found = defaultdict(list)
        for row in await self._ask("destroy_keys", list(records), erasure, at):
            found[row["record"]].append(row)
        for record in records:
            self.revoke(record)
        return {record: _outcome(found[record]) for record in records}

    async def records_of(self, blind_index: bytes) -> list[LinkedRecord]:
        """Every record of the subject with this blind index."""
        rows = await self._ask("list_records_of", blind_index)
        return [LinkedRecord(row["record"], row["kind"]) for row in rows]

    async def records_with(self, record: UUID) -> list[LinkedRecord]:
        """Every record of the subject of this record."""
        rows = await self._ask("list_records_with", record)
        return [LinkedRecord(row["record"], row["kind"]) for row in rows]

    async def find_record(self, blind_index: bytes, kind: str) -> UUID | None:
        """The newest record of that kind of the subject with this blind index."""
        found: UUID | None = await self._ask_one("find_record", blind_index, kind)
        return found

    async def count_records(self, blind_index: bytes, kind: str, *, after: datetime) -> int:
        """How many records of that kind the subject with this blind index got after a moment."""
        return int(await self._ask_one("count_records", blind_index, kind, after))

    def revoke(self, record: UUID) -> None:
        """Forgets what this process remembers of the record's keys."""
        self._cache.revoke(record)

    def forget_old_keys(self) -> None:
        """Drops from memory the keys not asked for since the ceiling, and ended epochs' keys."""
        self._cache.expire()
        self._epoch_keys.forget_gone()

    async def _ask(self, query: str, *values: object) -> list[Any]:
        with told_apart():
            rows: list[Any] = await self._pool.fetch(QUERIES[query], *values)
            return rows

    async def _ask_one(self, query: str, *values: object) -> Any:
        with told_apart():
            return await self._pool.fetchval(QUERIES[query], *values)

    async def _read_each(
        self, asks: Mapping[Hashable, Sequence[Place]]
    ) -> Answers[Mapping[Place, Opening]]:
        return await together_or_apart(self._read_all, asks, FAULTS)

    async def _read_all(
        self, asks: Mapping[Hashable, Sequence[Place]]
    ) -> Answers[Mapping[Place, Opening]]:
        found = await self._read([place for places in asks.values() for place in places])
        return {key: {place: found[place] for place in places} for key, places in asks.items()}

    async def _read(self, wanted: Sequence[Place]) -> dict[Place, Opening]:
        try:
            return await self._read_once(wanted)
        except EpochKeyGone:  # re-wrapped under a new epoch since the row was read: read it again
            return await self._read_once(wanted)

    async def _read_once(self, wanted: Sequence[Place]) -> dict[Place, Opening]:
        mark = self._cache.mark()
        records, categories = [one for one, _ in wanted], [one for _, one in wanted]
        found: dict[Place, Opening] = {}
        for row in await self._ask("open_keys", records, categories):
            opening = self._open_row(row)
            found[row["record"], row["category"]] = opening
            if not isinstance(opening, Missing):
                self._cache.put(row["record"], row["category"], opening, mark)
        return found

    def _open_row(self, row: Mapping[str, Any]) -> Opening:
        if row["destroyed_at"]:
            return Shredded(row["category"], row["destroyed_at"])
        if row["wrapped"] is None:
            return Missing(row["category"])
        return unwrap_row(row, self._epoch_keys)

    async def _make_each(self, asks: Mapping[Hashable, MakeAsked]) -> MakeAnswers:
        return await together_or_apart(self._make, asks, FAULTS)

    async def _make(self, asks: Mapping[Hashable, MakeAsked]) -> MakeAnswers:
        for _ in range(_EPOCH_TRIES):
            try:
                answers = await self._make_once(asks)
            except EpochKeyGone:  # the epoch has ended since: begin with the newest key there is
                if self._epoch is None:
                    raise
                self._epoch = None
                continue
            if answers is not None:
                return answers
        message = "the epoch changed again and again: nothing was made; wait and try again"
        raise KeyringUnavailable(message)

    async def _make_once(self, asks: Mapping[Hashable, MakeAsked]) -> MakeAnswers | None:
        """The answers, or none when another epoch is open than was thought."""
        mark = self._cache.mark()
        epoch = self._epoch or self._epoch_keys.current()
        fresh = self._make_fresh(asks, epoch)
        rows = await self._ask_to_make(asks, fresh)
        if rows and rows[0]["outcome"] == "epoch":
            self._epoch = rows[0]["epoch"]
            return None
        self._epoch = epoch
        self._remember(rows, answers := self._read_answers(rows, fresh), mark)
        return answers

    def _make_fresh(
        self, asks: Mapping[Hashable, MakeAsked], epoch: int
    ) -> dict[Hashable, list[FreshKey]]:
        return {
            key: make_fresh(ask.record, ask.categories, epoch=epoch, epoch_keys=self._epoch_keys)
            for key, ask in asks.items()
        }

    async def _ask_to_make(
        self, asks: Mapping[Hashable, MakeAsked], fresh: Mapping[Hashable, list[FreshKey]]
    ) -> list[Any]:
        return await self._ask(
            "make_keys",
            [ask.row for ask in asks.values()],
            [one.row for some in fresh.values() for one in some],
            [row for ask in asks.values() for row in ask.hold_rows],
        )

    def _read_answers(
        self, rows: Sequence[Mapping[str, Any]], fresh: Mapping[Hashable, list[FreshKey]]
    ) -> MakeAnswers:
        by_record = defaultdict(list)
        for row in rows:
            by_record[row["record"]].append(row)
        return {
            key: read_answer(by_record[key], some, self._epoch_keys) for key, some in fresh.items()
        }

    def _remember(self, rows: Sequence[Mapping[str, Any]], answers: MakeAnswers, mark: Any) -> None:
        for row in rows:
            keys = answers[row["record"]]
            if row["may_open"] and not isinstance(keys, Exception):
                self._cache.put(row["record"], row["category"], keys[row["category"]], mark)


def _outcome(rows: Sequence[Mapping[str, Any]]) -> DestroyOutcome:
    return DestroyOutcome(
        destroyed=tuple(
            Destroyed(row["category"], row["destroyed_at"], row["erasure"])
            for row in rows
            if row["destroyed_at"]
        ),
        held=tuple(
            Held(row["category"], row["reason"], row["basis"], row["until_on"])
            for row in rows
            if row["reason"]
        ),
    )
