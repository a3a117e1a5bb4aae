"""The sweep: a flow is repeated with a fault at its first, second, … last call, and checked."""

import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from tests.faults.every_step.calls import FAILURES, KILLS, Fault, Kind
from tests.faults.every_step.children import Ended, Nursery
from tests.faults.every_step.orders import Order, Run

LEARNING_RUNS = 3


async def _nothing(_: Any) -> None:
    return


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One flow to sweep.

    Shape: `prepare(n)` names n pieces of work, `begin` makes one ready; `heal` brings about what
    only time would bring (a lease that ends) before the next process carries on; `check` fails
    when a piece of work is not done exactly once.
    """

    name: str
    run: Run
    ground: Any
    prepare: Callable[[int], Awaitable[Sequence[Any]]]
    check: Callable[[Any], Awaitable[None]]
    begin: Callable[[Any], Awaitable[None]] = _nothing
    heal: Callable[[Any], Awaitable[None]] = _nothing
    last: str | None = None
    is_long: bool = False
    folders: tuple[Path, ...] = ()


@dataclass
class Sweep:
    """Faults at the calls of one flow.

    Raises: AssertionError, when a call is not reached, or is another one than was learnt.
    """

    flow: Flow
    nursery: Nursery
    folder: Path
    calls: list[str] = field(default_factory=list)

    async def learn(self) -> None:
        """Find out which calls the flow makes, undisturbed; twice, and the same ones each time."""
        runs = []
        for work in await self.flow.prepare(LEARNING_RUNS):
            await self.flow.begin(work)
            runs.append(await self._undisturbed(work))
        _, self.calls, again = (one.calls for one in runs)
        assert self.calls == again, f"{self.flow.name} makes other calls each time"
        assert self.calls, f"{self.flow.name} makes no calls"

    async def befall(self, faults: Sequence[Fault]) -> None:
        """Let each fault befall a piece of work, which the next process carries on."""
        for fault, work in zip(faults, await self.flow.prepare(len(faults)), strict=True):
            await self.flow.begin(work)
            await self._meet(fault, work)
            await self.flow.heal(work)
            await self._undisturbed(work)

    def every(self) -> list[Fault]:
        """Every kind of fault at every call; of a long flow, the two failures in turn."""
        failures = cycle([[one] for one in FAILURES] if self.flow.is_long else [FAILURES])
        numbers = range(1, len(self.calls) + 1)
        return [Fault(call, kind) for call in numbers for kind in (*KILLS, *next(failures))]

    def some(self, stride: int) -> list[Fault]:
        """Kills at each `stride`-th call, before and after in turn; the first and last call too."""
        last = len(self.calls)
        kinds = cycle(KILLS)
        kills = [Fault(call, next(kinds)) for call in range(1, last, stride)]
        return [*kills, Fault(last, Kind.KILLED_AFTER)]

    def told(self, which: str, faults: int) -> str:
        """The figures of the sweep."""
        return f"{self.flow.name}: N = {len(self.calls)}, {faults} faults ({which}), carried on"

    async def _meet(self, fault: Fault, work: Any) -> None:
        ended = await self.nursery.run(self._order(work, fault))
        where = f"{self.flow.name}, {fault.kind} call {fault.call}"
        reached = ended.calls[: fault.call]
        assert reached == self.calls[: fault.call], f"{where}: {_odd(reached, self.calls)}"
        if fault.kind in KILLS:
            assert ended.code == -signal.SIGKILL, f"{where}: it lived\n{ended.said}"
            assert ended.calls == reached, f"{where}: it went on\n{ended.said}"
        else:
            assert ended.code in (0, 1), f"{where}: {ended.code}\n{ended.said}"

    async def _undisturbed(self, work: Any) -> Ended:
        ended = await self.nursery.run(self._order(work, None))
        assert ended.code == 0, f"{self.flow.name} was not carried on: {ended.code}\n{ended.said}"
        await self.flow.check(work)
        return ended

    def _order(self, work: Any, fault: Fault | None) -> Order:
        return Order(
            run=self.flow.run,
            ground=self.flow.ground,
            work=work,
            trace=self.folder / "calls",
            said=self.folder / "said",
            fault=fault,
            last=self.flow.last,
            folders=self.flow.folders,
        )


def _odd(reached: Sequence[str], learnt: Sequence[str]) -> str:
    numbered = enumerate(zip(reached, learnt, strict=False), start=1)
    for number, (one, other) in numbered:
        if one != other:
            return f"call {number} was {one}, not {other}"
    return f"{len(reached)} calls were reached"
