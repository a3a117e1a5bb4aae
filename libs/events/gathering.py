"""Gathers calls that come together into one, so that they share a round trip and a commit."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


Answers = dict[Hashable, Answer | Exception]


async def together_or_apart(
    carry_out: Callable[[Mapping[Hashable, Ask]], Awaitable[Answers[Answer]]],
    asks: Mapping[Hashable, Ask],
    faults: tuple[type[Exception], ...],
) -> Answers[Answer]:
    """All at once; where one of them is at fault, each alone, so that none fails the others."""
    try:
        return await carry_out(asks)
    except faults as error:
        if len(asks) == 1:
            return dict.fromkeys(asks, error)
    answers: Answers[Answer] = {}
    for key, ask in asks.items():
        answers |= await together_or_apart(carry_out, {key: ask}, faults)
    return answers


class _Batch(Generic[Ask, Answer]):
    """Asks that travel together."""

    def __init__(self) -> None:
        self.asks: dict[Hashable, Ask] = {}
        self.answers: asyncio.Task[Mapping[Hashable, Answer | Exception]] | None = None


class Gathering(Generic[Ask, Answer]):
    """Carries out asks in batches: while one batch is under way the next one fills.

    Shape: a lone ask travels at once; two asks with one key never share a batch.
    """

    def __init__(
        self,
        carry_out: Callable[
            [Mapping[Hashable, Ask]], Awaitable[Mapping[Hashable, Answer | Exception]]
        ],
        *,
        size_max: int,
    ) -> None:
        """Hand batches of at most `size_max` to `carry_out`, one after the other."""
        self._carry_out = carry_out
        self._size_max = size_max
        self._turn = asyncio.Lock()
        self._filling: _Batch[Ask, Answer] | None = None

    async def ask(self, key: Hashable, ask: Ask) -> Answer:
        """The answer to this ask.

        Raises: what its own answer is, or what befell the whole batch.
        """
        answers = await asyncio.shield(self._join(key, ask))
        answer = answers[key]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _join(
        self, key: Hashable, ask: Ask
    ) -> "asyncio.Task[Mapping[Hashable, Answer | Exception]]":
        batch = self._filling
        if batch is None or key in batch.asks or len(batch.asks) >= self._size_max:
            batch = self._filling = _Batch()
        batch.asks[key] = ask
        if batch.answers is None:
            batch.answers = asyncio.create_task(self._carry(batch))
        return batch.answers

    async def _carry(self, batch: _Batch[Ask, Answer]) -> Mapping[Hashable, Answer | Exception]:
        async with self._turn:
            if self._filling is batch:
                self._filling = None
            return await self._carry_out(batch.asks)
