"""Puts facts that only the topic still has back into the log that lost them.

Shape:  each comes back under its own id and version, to the byte, in the order of its record, with
        the views folded and nothing to send: the topic has it. Every effect that it owes is owed
        again, because whether it was carried out was known to the lost rows alone; each is
        idempotent, and a letter that is sent again keeps its id. What doors had answered under an
        idempotency key is lost with the log.
Source: F72; I2; I4.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import structlog

from libs.events.errors import Refused
from libs.events.log import Append
from libs.events.own_topic import OwnTopic
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.recorded import Recorded
from libs.events.refill import QUERIES
from libs.events.same_topic import event_id_of

LOG = structlog.get_logger("put_back")
NAMED_RECORDS_MAX = 20


class OthersWereSaid(Refused):
    """The log has other facts where the lost ones were, or facts before them are nowhere."""

    title = "Not every lost fact has its place in the log; nothing was put back."


class PuttingBack(msgspec.Struct, frozen=True):
    """How far it has come.

    Units: messages; `lost` are the facts on the topic that the log lacked.
    """

    phase: str
    read: int = 0
    lost: int = 0
    put_back: int = 0
    unreadable: int = 0


@dataclass
class Weighed:
    """Where each record of a lost fact would stand, and the records that cannot be mended."""

    lasts: dict[UUID, int] = field(default_factory=dict)
    seen: set[UUID] = field(default_factory=set)
    refused: set[UUID] = field(default_factory=set)

    def weigh(self, fact: Recorded) -> None:
        """Count a lost fact in, when it is the next of its record."""
        if fact.event_id in self.seen:
            return
        self.seen.add(fact.event_id)
        if fact.version == self.lasts.get(fact.record, 0) + 1:
            self.lasts[fact.record] = fact.version
        else:
            self.refused.add(fact.record)


class PutBack:
    """Compares one log with its own topic, and takes back what it lacks."""

    def __init__(self, log: PostgresLog, own_topic: OwnTopic) -> None:
        """Put back into this log; the relay may run in another process."""
        self._log = log
        self._own_topic = own_topic

    async def run(self, *, dry_run: bool) -> AsyncIterator[PuttingBack]:
        """Look at everything first, then put back, some facts at a time; step by step.

        Shape:  broken off, it can be run again.
        Raises: OthersWereSaid, before anything is put back; Conflict, when a door was faster with a
                record just now: what was put back stays, run it again; Unavailable.
        """
        step, weighed = PuttingBack("looking"), Weighed()
        async for messages in self._own_topic.read():
            lost, unreadable = await self._lost_of(messages)
            await self._weigh(weighed, lost)
            step = PuttingBack(
                "looking",
                read=step.read + len(messages),
                lost=len(weighed.seen),
                unreadable=step.unreadable + unreadable,
            )
            yield step
        _refuse_others(weighed)
        if not dry_run and weighed.seen:
            async for count in self._put_back_all():
                step = msgspec.structs.replace(
                    step, phase="putting back", put_back=step.put_back + count
                )
                yield step
            LOG.info("facts_put_back", count=step.put_back)
        yield msgspec.structs.replace(step, phase="done")

    async def _put_back_all(self) -> AsyncIterator[int]:
        async for messages in self._own_topic.read():
            lost, _ = await self._lost_of(messages)
            if lost:
                await self._keep(lost)
                yield len(lost)

    async def _lost_of(self, messages: Sequence[Any]) -> tuple[list[Recorded], int]:
        """The facts that the log lacks, each once, and how many messages are no fact of ours."""
        facts = self._own_topic.facts_in(messages)
        with database_errors():
            rows = await self._log.pool.fetch(QUERIES["find_lost"], list(facts))
        lost = {row["event_id"] for row in rows}
        unreadable = sum(event_id_of(one) not in facts for one in messages)
        return [fact for event_id, fact in facts.items() if event_id in lost], unreadable

    async def _weigh(self, weighed: Weighed, lost: Sequence[Recorded]) -> None:
        new = {one.record for one in lost} - weighed.lasts.keys()
        if new:
            with database_errors():
                rows = await self._log.pool.fetch(QUERIES["find_last_versions"], list(new))
            weighed.lasts |= {row["record"]: row["last_version"] for row in rows}
        for fact in lost:
            weighed.weigh(fact)

    async def _keep(self, lost: Sequence[Recorded]) -> None:
        appends = [
            Append(record=one.record, expected_version=one.version - 1, recorded=(one,))
            for one in lost
        ]
        with database_errors():
            async with self._log.pool.acquire() as connection, connection.transaction():
                written = await self._log.write(connection, appends)
                places = [one.position for facts in written for one in facts]
                await connection.execute(QUERIES["leave_unsent"], places)


def _refuse_others(weighed: Weighed) -> None:
    if not weighed.refused:
        return
    named = sorted(map(str, weighed.refused))
    more = len(named) - NAMED_RECORDS_MAX
    records = ", ".join(named[:NAMED_RECORDS_MAX]) + (f" and {more} more" if more > 0 else "")
    message = (
        f"the log has other facts under the same versions, or lacks earlier ones, of {records}; "
        "nothing was put back: restore the service again and put back before its doors open"
    )
    raise OthersWereSaid(message)
