"""The log in Postgres: facts, outbox, effects, answers and views in one transaction."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from libs.events.database import Connection, Pool
from libs.events.errors import Conflict, Unavailable
from libs.events.group_commit import GroupCommit
from libs.events.log import EFFECTS, AlreadyAnswered, Append, Checkpoint, Stretch
from libs.events.postgres_rows import QUERIES, append_columns, to_recorded
from libs.events.recorded import Recorded
from libs.events.together import together
from libs.events.values import Owner
from libs.events.view import Statement, View, apply_views, write_unseen

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InternalClientError,
)
"""What asyncpg raises when the database is away, full, going down or not yet there.

Source: asyncpg issue 1069: a connection that is cut in mid-protocol is an InternalClientError.
"""

PAGE_EVENTS = 1000


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn the driver's errors into ours, by what the caller should do.

    Raises: Conflict, AlreadyAnswered or Unavailable.
    """
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "answer_pkey":
            raise AlreadyAnswered from error
        message = f"someone was faster ({error.constraint_name})"
        raise Conflict(message) from error
    except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError) as error:
        message = "the database asked to try again"
        raise Conflict(message) from error
    except AWAY as error:
        message = f"the database is away ({type(error).__name__}); nothing was decided"
        raise Unavailable(message) from error


class PostgresLog:
    """The log of one service in its own database.

    Why: appends of concurrent requests share a commit; one that fails is tried alone, so a bad
    one does not fail its neighbours.
    """

    def __init__(
        self,
        pool: Pool,
        owner: Owner,
        *,
        views: Sequence[View[Any]] = (),
        effects: EFFECTS | None = None,
    ) -> None:
        """Keep the facts of `owner`, fold `views` with them and owe `effects` for them."""
        self.pool = pool
        self.owner = owner
        self.views = tuple(views)
        self._effects: EFFECTS = effects or {}
        self.appended = asyncio.Event()
        self._group = GroupCommit(self._commit)

    async def load(self, record: UUID) -> list[Recorded]:
        """All facts of a record, oldest first, their parts sealed."""
        with database_errors():
            async with self.pool.acquire() as connection:
                found = await self.load_many(connection, [record])
        return found.get(record, [])

    async def load_many(
        self, connection: Connection, records: Collection[UUID]
    ) -> dict[UUID, list[Recorded]]:
        """The facts of several records in one read."""
        rows = await connection.fetch(QUERIES["load_records"], list(records))
        return {
            record: [to_recorded(row, self.owner) for row in group]
            for record, group in groupby(rows, key=lambda row: row["record"])
        }

    async def find_unknown(self, records: Collection[UUID]) -> set[UUID]:
        """Those of these records that have no fact."""
        with database_errors():
            rows = await self.pool.fetch(QUERIES["find_unknown"], list(records))
        return {row["record"] for row in rows}

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Keep the facts together with those of other callers that wait at this moment."""
        return await self._group.keep(append)

    async def append_each(self, appends: Sequence[Append]) -> list[tuple[Recorded, ...] | Conflict]:
        """Keep each by itself; they share commits."""
        ended = await asyncio.gather(*map(self.append, appends), return_exceptions=True)
        return [_kept_or_late(one) for one in ended]

    async def _commit(self, appends: Sequence[Append]) -> list[tuple[Recorded, ...]]:
        with database_errors():
            async with self.pool.acquire() as connection:
                written = await self._write_at_once(connection, appends)
                if written is None:
                    async with connection.transaction():
                        written = await self.write(connection, appends)
        self.appended.set()
        return written

    async def _write_at_once(
        self, connection: Connection, appends: Sequence[Append]
    ) -> list[tuple[Recorded, ...]] | None:
        """All that `write` would write, in one statement; nothing where a view must be read first.

        Why: one round trip and one commit in place of four, for every record that begins.
        """
        recorded = [one for append in appends for one in append.recorded]
        unseen = write_unseen(self.views, recorded)
        if unseen is None:
            return None
        text, arguments = together(self._append(appends), *unseen)
        return _written(appends, await connection.fetch(text, *arguments))

    def _append(self, appends: Sequence[Append]) -> Statement:
        return Statement(QUERIES["append_events"], append_columns(appends, self._effects))

    async def write(
        self, connection: Connection, appends: Sequence[Append], *, beside: Sequence[Statement] = ()
    ) -> list[tuple[Recorded, ...]]:
        """Write facts, outbox, effects, answers and views inside the open transaction.

        Shape: what stands `beside` is carried out with them.
        """
        recorded = [one for append in appends for one in append.recorded]
        unseen = write_unseen(self.views, recorded)
        text, arguments = together(self._append(appends), *(unseen or ()), *beside)
        written = _written(appends, await connection.fetch(text, *arguments))
        if unseen is None:
            await apply_views(connection, self.views, recorded)
        return written

    async def read_onward(self, after: Checkpoint) -> Stretch:
        """The facts committed since the checkpoint, none ever skipped, a page at a time.

        Why: a window of settled transactions is fixed first and paged by place; a late commit
        lies in a later window, and a fact whose transaction began early brings along those of
        its record that must come before it.
        """
        with database_errors():
            async with self.pool.acquire() as connection:
                if after.upto is None:
                    after = await self._open_window(connection, after)
                arguments = (str(after.transaction), str(after.upto), after.position, PAGE_EVENTS)
                rows = await connection.fetch(QUERIES["read_window"], *arguments)
        recorded = tuple(to_recorded(row, self.owner) for row in rows)
        if len(rows) < PAGE_EVENTS:
            return Stretch(recorded, Checkpoint(transaction=after.upto or 0))
        return Stretch(recorded, msgspec.structs.replace(after, position=rows[-1]["position"]))

    async def _open_window(self, connection: Connection, after: Checkpoint) -> Checkpoint:
        row = await connection.fetchrow(QUERIES["open_window"], str(after.transaction))
        return Checkpoint(
            transaction=after.transaction, upto=int(row["upto"]), position=row["before"]
        )


def _written(appends: Sequence[Append], rows: Iterable[Any]) -> list[tuple[Recorded, ...]]:
    places = {row["event_id"]: row["position"] for row in rows}
    return [
        tuple(_placed(one, places[one.event_id]) for one in append.recorded) for append in appends
    ]


def _placed(recorded: Recorded, position: int) -> Recorded:
    return msgspec.structs.replace(recorded, position=position)


def _kept_or_late(ended: tuple[Recorded, ...] | BaseException) -> tuple[Recorded, ...] | Conflict:
    if isinstance(ended, BaseException) and not isinstance(ended, Conflict):
        raise ended
    return ended
