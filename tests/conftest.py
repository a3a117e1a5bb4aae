"""The real parts, handed to tests: one stack for the run, a fresh database or topic for a test."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from itertools import count

import pytest
from hypothesis import HealthCheck, settings

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase, SharedStack, fresh_database
from deploy.native.topics import Topic, prepare_topics

SHARED = pytest.StashKey[SharedStack]()
_numbers = count(1)

# How long an example takes says how busy the machine is, not whether the rule holds.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make faults` ask for the whole of every fault."""
    parser.addoption("--whole", action="store_true", help="every fault as far as it goes")


def pytest_configure(config: pytest.Config) -> None:
    """Claim a share of the test stack; nothing starts until a test asks for it."""
    shared = SharedStack()
    config.stash[SHARED] = shared
    # The workers of pytest-xdist come and go inside the claim of the process that started them.
    if not hasattr(config, "workerinput"):
        shared.claim()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give the share back; the last one out takes the stack down."""
    if not hasattr(config, "workerinput"):
        config.stash[SHARED].leave()


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Stack:
    """Postgres, Kafka, object store, mail and gateway, really running; no services."""
    return pytestconfig.stash[SHARED].started()


@pytest.fixture
def database(stack: Stack) -> Iterator[Callable[[str], FreshDatabase]]:
    """Makes a migrated database of a kind (a service's name, or keyring) for this test alone."""
    with ExitStack() as open_ones:
        yield lambda kind: open_ones.enter_context(fresh_database(stack, kind))


@pytest.fixture
def topic(stack: Stack) -> Callable[[int], Awaitable[str]]:
    """Makes an empty topic with that many partitions for this test alone; answers its name."""

    async def make(partitions: int = 4) -> str:
        name = f"test-{os.getpid()}-{next(_numbers)}.events"
        configuration = {"retention.ms": "-1"}
        await prepare_topics(stack.kafka_servers, [Topic(name, partitions, "test", configuration)])
        return name

    return make
