"""Whether each thing outside answers: the service's database, the keyring, Kafka."""

import asyncio
from collections.abc import Collection
from pathlib import Path

import asyncpg
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from libs.events.database import Pool
from libs.events.errors import Unavailable
from libs.events.postgres_log import AWAY
from libs.events.queries import load_queries
from libs.keyring.epoch_keys import EpochVault
from libs.runtime.waiting import Probe

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
CONNECT_SECONDS_MAX = 2.0
_NOT_READY = (
    *AWAY,
    asyncpg.UndefinedTableError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


def probe_database(pool: Pool) -> Probe:
    """Whether the log can be read: the database answers and was migrated."""
    return _probe_query(pool, QUERIES["probe_log"])


def probe_keyring(pool: Pool) -> Probe:
    """Whether the keyring's database answers."""
    return _probe_query(pool, QUERIES["probe_keyring"])


def probe_epoch_keys(keys: EpochVault) -> Probe:
    """Whether a key to wrap and open records with is here; without one the doors answer 503."""

    async def probe() -> None:
        await asyncio.to_thread(keys.current)

    return probe


def probe_topics(servers: str, topics: Collection[str]) -> Probe:
    """Whether Kafka answers and has these topics; none is ever made by asking."""

    async def probe() -> None:
        client = AIOKafkaClient(bootstrap_servers=servers)
        try:
            await client.bootstrap()
            cluster = await client.fetch_all_metadata()
            missing = sorted(set(topics) - cluster.topics())
        except (KafkaError, OSError) as error:
            message = f"Kafka does not answer ({type(error).__name__})"
            raise Unavailable(message) from None
        finally:
            await client.close()
        if missing:
            message = f"Kafka has no topic {', '.join(missing)} yet"
            raise Unavailable(message)

    return probe


def probe_kafka(servers: str) -> Probe:
    """Whether anything listens where Kafka should."""

    async def probe() -> None:
        for server in servers.split(","):
            if await _listens(server):
                return
        message = "nothing listens where Kafka should"
        raise Unavailable(message)

    return probe


async def _listens(server: str) -> bool:
    host, _, port = server.rpartition(":")
    try:
        opening = asyncio.open_connection(host, int(port))
        _, writer = await asyncio.wait_for(opening, CONNECT_SECONDS_MAX)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _probe_query(pool: Pool, query: str) -> Probe:
    async def probe() -> None:
        try:
            await pool.fetchval(query)
        except _NOT_READY as error:
            message = f"it does not answer as it should ({type(error).__name__})"
            raise Unavailable(message) from None

    return probe
