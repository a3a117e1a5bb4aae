"""What the relay may delete: what Kafka acknowledged, in order per partition."""

import asyncio

from aiokafka.errors import KafkaError
from hypothesis import given
from hypothesis import strategies as st

from libs.events.sending import Parcel, acknowledged_beginning

SENDS = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=3),
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


def _under_way(sends: list[tuple[int, str]]) -> list[Parcel]:
    return [
        Parcel(partition, [2 * at, 2 * at + 1], _future(outcome))
        for at, (partition, outcome) in enumerate(sends)
    ]


@given(SENDS)
def test_only_the_unbroken_beginning_of_each_partition_goes(sends: list[tuple[int, str]]) -> None:
    """P07: per partition everything up to the first parcel without an answer is deleted."""

    async def decide() -> tuple[list[int], BaseException | None]:
        return acknowledged_beginning(_under_way(sends))

    places, trouble = asyncio.run(decide())
    for partition in range(4):
        own = [(at, outcome) for at, (one, outcome) in enumerate(sends) if one == partition]
        broken = [at for at, outcome in own if outcome != "acknowledged"]
        wanted = [at for at, _ in own if not broken or at < broken[0]]
        gone = [place for place in places if sends[place // 2][0] == partition]
        assert gone == [place for at in wanted for place in (2 * at, 2 * at + 1)]
    assert (trouble is None) == all(outcome == "acknowledged" for _, outcome in sends)


async def test_the_first_trouble_is_told() -> None:
    """Of several failed sends the first is the reason that the relay starts again with."""
    under_way = _under_way([(1, "acknowledged"), (2, "unanswered"), (3, "failed")])
    _, trouble = acknowledged_beginning(under_way)
    assert isinstance(trouble, TimeoutError)
