"""Calls that come together travel together, each with its own answer."""

import asyncio
from collections.abc import Hashable, Mapping

import pytest

from libs.events.gathering import Answers, Gathering, together_or_apart


class Carrier:
    """Notes what travelled together and answers twice the number; negative numbers fail."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.under_way = asyncio.Event()
        self.may_go = asyncio.Event()
        self.may_go.set()

    async def __call__(self, asks: Mapping[Hashable, int]) -> dict[Hashable, int | Exception]:
        self.batches.append(list(asks.values()))
        self.under_way.set()
        await self.may_go.wait()
        return {key: ValueError(str(n)) if n < 0 else 2 * n for key, n in asks.items()}


async def test_calls_that_come_together_share_a_batch() -> None:
    """Ten calls at once are one journey."""
    carrier = Carrier()
    gathering = Gathering[int, int](carrier, size_max=100)
    answers = await asyncio.gather(*(gathering.ask(n, n) for n in range(10)))
    assert answers == [2 * n for n in range(10)]
    assert carrier.batches == [list(range(10))]


async def test_batches_are_bounded() -> None:
    """What does not fit travels next."""
    carrier = Carrier()
    gathering = Gathering[int, int](carrier, size_max=4)
    await asyncio.gather(*(gathering.ask(n, n) for n in range(10)))
    assert [len(batch) for batch in carrier.batches] == [4, 4, 2]


async def test_equal_keys_do_not_share_a_batch() -> None:
    """Two asks about one thing come one after the other."""
    carrier = Carrier()
    gathering = Gathering[int, int](carrier, size_max=100)
    answers = await asyncio.gather(*(gathering.ask("a", n) for n in (1, 2)))
    assert answers == [2, 4]
    assert carrier.batches == [[1], [2]]


async def test_failure_is_told_to_its_own_asker() -> None:
    """A bad ask does not fail its neighbours."""
    gathering = Gathering[int, int](Carrier(), size_max=100)
    answers = await asyncio.gather(
        *(gathering.ask(n, n) for n in (1, -1, 3)), return_exceptions=True
    )
    assert (answers[0], type(answers[1]), answers[2]) == (2, ValueError, 6)


async def test_asker_who_leaves_does_not_stop_the_others() -> None:
    """A request that is cancelled leaves the batch to its neighbours."""
    carrier = Carrier()
    carrier.may_go.clear()
    gathering = Gathering[int, int](carrier, size_max=100)
    leaver, stayer = (asyncio.ensure_future(gathering.ask(n, n)) for n in (1, 2))
    await carrier.under_way.wait()
    leaver.cancel()
    carrier.may_go.set()
    assert await stayer == 4
    with pytest.raises(asyncio.CancelledError):
        await leaver


async def _halves(asks: Mapping[Hashable, int]) -> Answers[int]:
    """Half of each number; one that is odd spoils the whole journey."""
    if any(number % 2 for number in asks.values()):
        raise ValueError
    return {key: number // 2 for key, number in asks.items()}


async def test_who_is_at_fault_fails_alone() -> None:
    """What fails together is tried apart, and only the one at fault is told."""
    answers = await together_or_apart(_halves, {"a": 2, "b": 3, "c": 6}, (ValueError,))
    assert (answers["a"], type(answers["b"]), answers["c"]) == (1, ValueError, 3)


async def test_what_is_nobodys_fault_fails_all() -> None:
    """An outage is not tried again for each by itself."""
    with pytest.raises(ValueError):  # noqa: PT011 - raised without words
        await together_or_apart(_halves, {"a": 2, "b": 3}, (KeyError,))
