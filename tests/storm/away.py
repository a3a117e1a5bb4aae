"""What it looks like from outside that a part of the stack is away."""

import asyncpg
from aiokafka.errors import KafkaError

AWAY = (
    *(OSError, TimeoutError, KafkaError),
    *(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError),
)
"""What asking a part that is away may raise.

Source: asyncpg issue 1069: a connection that is cut in mid-protocol is an InternalClientError.
"""
