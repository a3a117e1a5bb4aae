"""A connection that is closed under a client on uvloop is one of many that break."""

import asyncio

import pytest
import uvloop
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from deploy.native.stack import Stack
from libs.events.closed_connections import notice_closed_connections

TURNS = 5
SOON_SECONDS = 20.0


def test_a_closed_connection_is_refused_as_a_broken_one(stack: Stack) -> None:
    """In every turn of the loop after its end, until the client has noticed it and beyond."""
    notice_closed_connections()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(_metadata_after_an_end(stack.kafka_servers))


async def _metadata_after_an_end(servers: str) -> bool:
    client = AIOKafkaClient(bootstrap_servers=servers)
    await client.bootstrap()
    try:
        await client.force_metadata_update()
        (connection,) = client._conns.values()
        connection._writer.transport.abort()
        for _ in range(TURNS):
            await asyncio.sleep(0)
            with pytest.raises(KafkaConnectionError):
                connection.send(MetadataRequest(None))
        async with asyncio.timeout(SOON_SECONDS):
            is_answered: bool = await client.force_metadata_update()
            return is_answered
    finally:
        await client.close()
