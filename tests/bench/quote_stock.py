"""A log full of quotes and the topic that the relay made of it, as the product writes both."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from deploy.native.testing import FreshDatabase, fresh_database, prepare_templates
from deploy.native.topics import Topic, declared, make_topic_anew
from libs.events.catalogue import topic_of
from libs.events.clock import FixedClock
from libs.events.event import Event
from libs.events.handle import Stamp
from libs.events.ids import RealIds
from libs.events.log import Append
from libs.events.personal import Personal
from libs.events.postgres_log import PostgresLog
from libs.events.recorded import Recorded
from libs.events.relay import Relay, make_producer
from libs.events.values import Category, Money, Owner
from libs.events.vocabulary.quotes import (
    QuoteDeclined,
    QuoteDetails,
    QuoteOffered,
    QuoteRequested,
)
from services.quotes.main import QUOTE_STATUS
from tests.bench.place import Place

OPEN_QUOTES, FACTS_PER_QUOTE = 300, 3
WINDOW_FACTS = OPEN_QUOTES * FACTS_PER_QUOTE
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STAMP = Stamp(Owner.QUOTES, FixedClock(NOW), RealIds())
BRIEF = "A lighthouse on a rock, low poly, three levels of detail. " * 4
CONNECTIONS = 4

Secrets = Mapping[str, bytes]
Histories = dict[UUID, list[Recorded]]


@dataclass(frozen=True)
class QuoteStock:
    """So many facts in a log and on its topic, three for each quote."""

    place: Place
    database: FreshDatabase
    topic: str
    messages: int
    first_record: UUID

    @property
    def quotes(self) -> int:
        """How many quotes the facts are about."""
        return self.messages // FACTS_PER_QUOTE


@asynccontextmanager
async def quote_stock(place: Place, messages: int) -> AsyncIterator[QuoteStock]:
    """Quotes asked for, offered and declined, some open at a time, and relayed.

    Why: the order on the topic is that of a living service: a batch holds facts of many quotes,
         and several of one.
    """
    await asyncio.to_thread(prepare_templates, place.stack)
    topic = f"bench.{topic_of(Owner.QUOTES)}"
    await make_topic_anew(place.stack.kafka_servers, _like_declared(topic))
    with fresh_database(place.stack, Owner.QUOTES) as database:
        whole = messages - messages % WINDOW_FACTS
        stock = QuoteStock(place, database, topic, whole, STAMP.ids.new())
        async with asyncpg.create_pool(database.url(), min_size=1, max_size=CONNECTIONS) as pool:
            await _fill(PostgresLog(pool, Owner.QUOTES, views=(QUOTE_STATUS,)), stock)
        yield stock


def _like_declared(name: str) -> Topic:
    (own,) = [one for one in declared() if one.name == topic_of(Owner.QUOTES)]
    return Topic(name, own.partitions, own.owner, own.configuration)


async def _fill(log: PostgresLog, stock: QuoteStock) -> None:
    producer = make_producer(stock.place.stack.kafka_servers)
    relay = asyncio.create_task(Relay(log, producer, topic=stock.topic).run())
    try:
        for _ in range(stock.messages // WINDOW_FACTS):
            async with log.pool.acquire() as connection, connection.transaction():
                await log.write(connection, _a_few_quotes())
        await stock.place.drained(stock.database.url())
    finally:
        relay.cancel()
        await asyncio.wait([relay])


def _a_few_quotes() -> list[Append]:
    """The facts of some quotes: first what all asked for, then the offers, then the answers."""
    histories: Histories = {STAMP.ids.new(): [] for _ in range(OPEN_QUOTES)}
    return [
        _next(record, history, number)
        for number in range(FACTS_PER_QUOTE)
        for record, history in histories.items()
    ]


def _next(record: UUID, history: list[Recorded], number: int) -> Append:
    secrets: Secrets = {Category.QUOTE: os.urandom(32)}
    made = STAMP.record(record, history, [_event(record, number)], secrets=secrets)
    recorded = tuple(msgspec.structs.replace(one, traceparent=_trace()) for one in made)
    append = Append(record=record, expected_version=len(history), recorded=recorded)
    history.extend(recorded)
    return append


def _trace() -> str:
    """What a door's span leaves on each fact."""
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-00"


def _event(record: UUID, number: int) -> Event:
    events: tuple[Any, ...] = (
        QuoteRequested(language="en", details=Personal(_details(record))),
        QuoteOffered(offer=1, amount=Money(cents=123450), valid_until_on=NOW.date()),
        QuoteDeclined(offer=1),
    )
    chosen: Event = events[number]
    return chosen


def _details(record: UUID) -> QuoteDetails:
    return QuoteDetails(name="Zoë Quokka", email=f"{record}@bench.example", brief=BRIEF)
