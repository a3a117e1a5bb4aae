"""A relay as a process of its own, which stops or dies at a stated point of its work."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import asyncpg

from libs.events.postgres_log import PostgresLog
from libs.events.relay import Pace, Relay, make_producer
from libs.events.sending import Handed, Sending
from libs.events.values import Owner
from tests.faults.halting import Halt, How

READ, SENT, MARKED = "read", "sent", "marked"
"""Rows were read; Kafka has acknowledged them; they are deleted from the outbox."""

QUICK = Pace(
    poll_seconds=0.05,
    election_seconds=0.05,
    backoff_seconds=0.05,
    batch_events=20,
    lease_seconds=2.0,
)


class HaltingRelay(Relay):
    """The relay, with points between its steps."""

    halt: Halt

    async def _hand_over(self, sending: Sending, rows: Sequence[Any]) -> Handed:
        self.halt.at(READ)
        return await super()._hand_over(sending, rows)

    async def _acknowledged(self, handed: Handed) -> tuple[list[int], BaseException | None]:
        sent = await super()._acknowledged(handed)
        self.halt.at(SENT)
        return sent

    async def _delete(self, connection: Any, positions: list[int], epoch: int) -> None:
        await super()._delete(connection, positions, epoch)
        self.halt.at(MARKED)


class SwappedRelay(HaltingRelay):
    """The relay as it must not be: it marks first and sends afterwards."""

    _epoch = 0
    _connection: Any = None

    async def _elected(self, connection: Any) -> int:
        self._connection = connection
        self._epoch = await super()._elected(connection)
        return self._epoch

    async def _hand_over(self, sending: Sending, rows: Sequence[Any]) -> Handed:
        await self._delete(self._connection, [row["position"] for row in rows], self._epoch)
        return await super()._hand_over(sending, rows)

    async def _acknowledged(self, handed: Handed) -> tuple[list[int], BaseException | None]:
        await super()._acknowledged(handed)
        return [], None


async def relay(url: str, topic: str, servers: str, halt: Halt, kind: type[HaltingRelay]) -> None:
    """Relay for ever."""
    async with asyncpg.create_pool(url, min_size=0) as pool:
        log = PostgresLog(pool, Owner.QUOTES)
        one = kind(log, make_producer(servers), topic=topic, pace=QUICK)
        one.halt = halt
        await one.run()


def main() -> None:
    """Read where and when to halt, and relay."""
    url, topic, servers, point, how, after, order = sys.argv[1:]
    halt = Halt(point, How(how), int(after))
    kind = SwappedRelay if order == "swapped" else HaltingRelay
    asyncio.run(relay(url, topic, servers, halt, kind))


if __name__ == "__main__":
    main()
