"""How the ear asks the Kafka client for messages."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest

from libs.events.bus import Ear, make_broker

PLACE, MESSAGE = "quotes.events-0", "a message"


@dataclass
class Client:
    """A client to which nothing comes twice, and then a message."""

    answers: Iterator[dict[str, list[str]]] = field(
        default_factory=lambda: iter([{}, {}, {PLACE: [MESSAGE]}])
    )

    def __post_init__(self) -> None:
        """It looks after itself until the test ends."""
        self._client = self
        self._sync_task = asyncio.get_running_loop().create_future()

    async def getmany(self, **_options: Any) -> dict[str, list[str]]:
        """What came."""
        return next(self.answers)


async def _never(_seconds: float) -> None:
    pytest.fail("what comes now would lie until the sleep is over")


async def test_p18_nothing_is_slept_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """P18: where nothing came FastStream does not sleep; the client is asked again at once."""
    nothing_is_handed_in: Any = None
    ear = Ear(make_broker("127.0.0.1:1"), nothing_is_handed_in, group="billing", topics=["some"])
    subscriber: Any = ear._subscriber
    subscriber.consumer = client = Client()
    monkeypatch.setattr(anyio, "sleep", _never)
    ear.attend()
    assert await subscriber.get_msg(client) == (MESSAGE,)
