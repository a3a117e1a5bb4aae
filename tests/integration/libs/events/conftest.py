"""A speaker and a hearer on databases of their own, and a topic between them."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from tests.integration.libs.events.pieces import Service, Topic, make_view, running_service

MakeDatabase = Callable[[str], FreshDatabase]
MakeTopic = Callable[[int], Awaitable[str]]


@pytest.fixture
async def quotes_database(database: MakeDatabase) -> FreshDatabase:
    """A speaker's database with the little view."""
    made = database("quotes")
    await make_view(made)
    return made


@pytest.fixture
async def billing_database(database: MakeDatabase) -> FreshDatabase:
    """A hearer's database with the little view."""
    made = database("billing")
    await make_view(made)
    return made


@pytest.fixture
async def speaker(quotes_database: FreshDatabase) -> AsyncIterator[Service]:
    """A service that says things."""
    async with running_service(quotes_database) as service:
        yield service


@pytest.fixture
async def hearer(billing_database: FreshDatabase) -> AsyncIterator[Service]:
    """A service that hears what quotes says and says one fact of its own for each."""
    async with running_service(billing_database) as service:
        yield service


@pytest.fixture
async def bus(stack: Stack, topic: MakeTopic) -> Topic:
    """A topic with two partitions that nobody else uses."""
    return Topic(await topic(2), stack.kafka_servers)
