"""Fills a lost topic again from the log: hold the relay, put every fact into the outbox, let it go.

The relay sends them as it always does, in order, byte for byte the same; what is said meanwhile
waits behind them. Hearers drop what they had by (topic, record) and take the rest.
Source: D1; P40.
"""

import asyncio
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from libs.events.clock import Clock
from libs.events.errors import Refused, Unavailable
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.queries import load_queries

QUERIES = load_queries(Path(__file__).parent / "sql" / "refill.sql")
SHARD = 0
HOLD_SECONDS_MAX = 20.0
LOOK_SECONDS = 0.1
LOG = structlog.get_logger("refill")


class RelayNotHeld(Refused):
    """The relay still sends: what it sends now would lie before older facts of the same record."""

    title = "The relay is not held; nothing was filled."


class NotHeardHere(Refused):
    """This process does not hear that topic, so it cannot begin anew with it."""

    title = "This process does not hear that topic; nothing was changed."


class RelayHold(msgspec.Struct, frozen=True):
    """Since when the relay is asked to hold, and since when nothing of it is under way."""

    asked_at: datetime | None
    held_at: datetime | None


class Refill:
    """Holds the relay of one log and lets it send everything again."""

    def __init__(self, log: PostgresLog) -> None:
        """Refill from this log; the relay may run in another process."""
        self._log = log

    async def look(self) -> RelayHold:
        """Whether the relay is held."""
        with database_errors():
            row = await self._log.pool.fetchrow(QUERIES["read_hold"], SHARD)
        return RelayHold(row["hold_asked_at"], row["held_at"])

    async def hold(self) -> RelayHold:
        """Held, once this returns: nothing that the relay sent is under way any more.

        Raises: Unavailable, when no relay answers; it stays asked to hold.
        """
        with database_errors():
            await self._log.pool.execute(QUERIES["ask_hold"], SHARD)
        for _ in range(int(HOLD_SECONDS_MAX / LOOK_SECONDS)):
            hold = await self.look()
            if hold.held_at is not None:
                LOG.info("relay_held")
                return hold
            await asyncio.sleep(LOOK_SECONDS)
        message = "no relay says that it holds; is the service's bus side up? It stays asked to"
        raise Unavailable(message)

    async def fill(self) -> int:
        """Lets the relay go with every fact of the log before it; gives how many were added.

        Raises: RelayNotHeld.
        """
        if (await self.look()).held_at is None:
            message = "the relay is not held: nothing was filled; hold it first"
            raise RelayNotHeld(message)
        added = await self.fill_unheld()
        LOG.info("outbox_filled", count=added)
        return added

    async def fill_unheld(self) -> int:
        """The same where no relay runs at all, as on a state that was just restored."""
        with database_errors():
            async with self._log.pool.acquire() as connection, connection.transaction():
                added: int = await connection.fetchval(QUERIES["fill_outbox"])
                await connection.execute(QUERIES["end_hold"], SHARD)
        self._log.appended.set()
        return added

    async def release(self) -> None:
        """Lets the relay go on as it was."""
        with database_errors():
            await self._log.pool.execute(QUERIES["end_hold"], SHARD)
        self._log.appended.set()


class HeardAnew(msgspec.Struct, frozen=True):
    """How many partitions are heard from their beginning, and how many parked messages gave way."""

    topic: str
    partitions: int
    parked: int


async def forget_places(log: PostgresLog, topic: str, *, by: str, clock: Clock) -> HeardAnew:
    """Sets the stored offsets of a topic to its beginning; how far each record was heard stays.

    Why: a topic made anew has other offsets. What was taken in is known by (topic, record) and
    version, so nothing happens twice; what was parked lies at places that are no more, and its
    facts come again.
    """
    because = "the topic was made anew and filled from the log"
    with database_errors():
        async with log.pool.acquire() as connection, connection.transaction():
            places = await connection.fetch(QUERIES["begin_offsets_anew"], topic)
            await connection.execute(
                QUERIES["note_parked_of_lost_topic"], topic, because, by, clock.now()
            )
            gone = await connection.execute(QUERIES["delete_parked_of_topic"], topic)
            await connection.execute(QUERIES["let_records_go_on"], topic)
    return HeardAnew(topic, len(places), int(gone.rpartition(" ")[2]))
