"""A relay as a process of its own, which stops or dies at a stated point of its work."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer

from libs.events.postgres_log import PostgresLog
from libs.events.recorded import Recorded
from libs.events.relay import Pace, Relay, make_producer
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

    async def _send(
        self, connection: Any, producer: AIOKafkaProducer, facts: Sequence[Recorded]
    ) -> tuple[list[int], BaseException | None]:
        self.halt.at(READ)
        sent = await super()._send(connection, producer, facts)
        self.halt.at(SENT)
        return sent

    async def _delete(self, connection: Any, positions: list[int], epoch: int) -> None:
        await super()._delete(connection, positions, epoch)
        self.halt.at(MARKED)


class SwappedRelay(HaltingRelay):
    """The relay as it must not be: it marks first and sends afterwards."""

    _epoch = 0

    async def _elected(self, connection: Any) -> int:
        self._epoch = await super()._elected(connection)
        return self._epoch

    async def _send(
        self, connection: Any, producer: AIOKafkaProducer, facts: Sequence[Recorded]
    ) -> tuple[list[int], BaseException | None]:
        places = [fact.position for fact in facts if fact.position is not None]
        await self._delete(connection, places, self._epoch)
        await super()._send(connection, producer, facts)
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
