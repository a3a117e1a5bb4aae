"""Makes aiokafka notice a connection that Kafka has closed, also on uvloop.

Writing to a closed connection is an OSError on asyncio's own loop, or nothing at all; uvloop raises
RuntimeError, which aiokafka does not expect. Its task that keeps the metadata then ends without a
word, whoever waits for metadata waits for ever, and nothing is heard any more.
Source: aio-libs/aiokafka issue 1038, still open at 0.14.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError


def notice_closed_connections() -> None:
    """From now on a closed connection is refused as a broken one; called again, nothing changes."""
    if not hasattr(AIOKafkaConnection.send, "__wrapped__"):
        AIOKafkaConnection.send = _noticing(AIOKafkaConnection.send)


def _noticing(send: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(send)
    def noticed(connection: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return send(connection, *arguments, **options)
        except RuntimeError as error:
            connection.close(reason=CloseReason.CONNECTION_BROKEN)
            message = f"the connection to {connection.host}:{connection.port} is closed"
            raise KafkaConnectionError(message) from error

    return noticed
