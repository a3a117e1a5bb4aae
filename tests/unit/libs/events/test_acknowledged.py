"""What the relay may delete: what Kafka acknowledged, in order per record."""

import asyncio
from uuid import UUID

import msgspec
from aiokafka.errors import KafkaError
from hypothesis import given
from hypothesis import strategies as st

from libs.events.recorded import Recorded
from libs.events.relay import acknowledged_prefix
from libs.events.testing.log_conformance import STAMP
from libs.events.vocabulary.quotes import ProjectStarted

(FACT,) = STAMP.record(UUID(int=1), [], [ProjectStarted()])
SENDS = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=4),
        st.sampled_from(["acknowledged", "failed", "unanswered", "cancelled"]),
    ),
    max_size=40,
)


def _future(outcome: str) -> "asyncio.Future[None]":
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    if outcome == "acknowledged":
        future.set_result(None)
    elif outcome == "failed":
        future.set_exception(KafkaError("no"))
    elif outcome == "cancelled":
        future.cancel()
    return future


def _under_way(sends: list[tuple[int, str]]) -> "list[tuple[Recorded, asyncio.Future[None]]]":
    return [
        (msgspec.structs.replace(FACT, record=UUID(int=record), position=at), _future(outcome))
        for at, (record, outcome) in enumerate(sends)
    ]


@given(SENDS)
def test_only_the_unbroken_beginning_of_each_record_goes(sends: list[tuple[int, str]]) -> None:
    """P07: per record everything up to the first send without an answer is deleted, no more."""

    async def decide() -> tuple[list[int], BaseException | None]:
        return acknowledged_prefix(_under_way(sends))

    places, trouble = asyncio.run(decide())
    for record in range(1, 5):
        own = [(at, outcome) for at, (one, outcome) in enumerate(sends) if one == record]
        broken = [at for at, outcome in own if outcome != "acknowledged"]
        wanted = [at for at, _ in own if not broken or at < broken[0]]
        assert [at for at in places if sends[at][0] == record] == wanted
    assert (trouble is None) == all(outcome == "acknowledged" for _, outcome in sends)


async def test_the_first_trouble_is_told() -> None:
    """Of several failed sends the first is the reason that the relay starts again with."""
    under_way = _under_way([(1, "acknowledged"), (2, "unanswered"), (3, "failed")])
    _, trouble = acknowledged_prefix(under_way)
    assert isinstance(trouble, TimeoutError)
