"""Lets in what can be borne, keeps a few waiting for a moment, and turns the rest away at once.

Why: a server that takes everything serves nobody; callers leave, come again and add to the load.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

import structlog
from prometheus_client import Counter, Gauge
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.doors.problems import Problem, problem_response
from libs.doors.ranks import READS, SHARE, Rank, rank_of

LOG = structlog.get_logger("doors")
TURNED_AWAY = Counter("flux3d_doors_turned_away_total", "Requests not let in.", ["rank", "reason"])
UNDER_WAY = Gauge("flux3d_doors_under_way", "Requests let in and not yet answered.")
WAITING = Gauge("flux3d_doors_waiting", "Requests that wait to be let in.")
_TRY_AGAIN_SECONDS = cycle((1, 3, 2, 5, 4))
"""Spread, so that who was turned away together does not come back together."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much is let in at once, how much may wait and how long, how long an answer may take.

    Why: a wait that is longer than a caller's patience is work for nobody.
    """

    under_way_max: int = 48
    waiting_max: int = 128
    wait_seconds_max: float = 1.0
    answer_seconds_max: float = 25.0


class TurnedAway(Exception):
    """There is no room for this request; the text is the reason as the metric names it."""


class Room:
    """The places at the doors of one process, given out by rank and then in order of arrival."""

    def __init__(self, bounds: Bounds) -> None:
        """Nobody is inside."""
        self._bounds = bounds
        self._under_way = 0
        self._waiting: dict[Rank, list[asyncio.Future[None]]] = {rank: [] for rank in Rank}

    async def enter(self, rank: Rank) -> None:
        """Come in, at once or after a short wait.

        Raises: TurnedAway, when too many wait already or the wait was too long.
        """
        is_first = not any(line for other, line in self._waiting.items() if other <= rank)
        if is_first and self._has_place(rank):
            self._take()
            return
        if self._count_waiting() >= self._bounds.waiting_max * SHARE[rank]:
            raise TurnedAway("full")
        await self._wait(rank)

    def leave(self) -> None:
        """Go out, and let the next one in."""
        self._under_way -= 1
        UNDER_WAY.set(self._under_way)
        for rank, line in self._waiting.items():
            while line and self._has_place(rank):
                self._take()
                line.pop(0).set_result(None)
        WAITING.set(self._count_waiting())

    async def _wait(self, rank: Rank) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting[rank].append(place)
        try:
            await asyncio.wait_for(asyncio.shield(place), self._bounds.wait_seconds_max)
        except (TimeoutError, asyncio.CancelledError) as error:
            self._give_up(rank, place)
            if isinstance(error, TimeoutError):
                raise TurnedAway("waited") from None
            raise

    def _give_up(self, rank: Rank, place: "asyncio.Future[None]") -> None:
        if place.done():
            self.leave()
        else:
            self._waiting[rank].remove(place)

    def _count_waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    def _has_place(self, rank: Rank) -> bool:
        return self._under_way < self._bounds.under_way_max * SHARE[rank]

    def _take(self) -> None:
        self._under_way += 1
        UNDER_WAY.set(self._under_way)


class Admission:
    """Stands before an app: who is let in is answered in time, who is not is told at once.

    Shape: `filled` is how full the outbox is, from nothing to one; writes are turned away when
    their rank's share of it is used up.
    """

    def __init__(
        self, app: ASGIApp, *, bounds: Bounds | None = None, filled: Callable[[], float]
    ) -> None:
        """Stand before `app`."""
        self._app = app
        self._bounds = bounds or Bounds()
        self._filled = filled
        self._room = Room(self._bounds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer 503 with a time to come back."""
        rank = rank_of(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if rank is None:
            await self._app(scope, receive, send)
            return
        try:
            self._check_outbox(rank, scope["method"])
            await self._room.enter(rank)
        except TurnedAway as reason:
            TURNED_AWAY.labels(rank.name.lower(), str(reason)).inc()
            await _answer(_BUSY)(scope, receive, send)
            return
        try:
            await self._answered_in_time(scope, receive, send)
        finally:
            self._room.leave()

    def _check_outbox(self, rank: Rank, method: str) -> None:
        if method not in READS and self._filled() >= SHARE[rank]:
            raise TurnedAway("outbox")

    async def _answered_in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give up what takes too long; an answer that has begun may go on."""
        has_begun = False
        try:
            async with asyncio.timeout(self._bounds.answer_seconds_max) as deadline:

                async def noted(message: Message) -> None:
                    nonlocal has_begun
                    has_begun = True
                    if not deadline.expired():
                        deadline.reschedule(None)
                    await send(message)

                await self._app(scope, receive, noted)
        except TimeoutError:
            if has_begun or not deadline.expired():
                raise
            LOG.warning("door_gave_up", seconds=self._bounds.answer_seconds_max)
            await _answer(_TOO_LONG)(scope, receive, send)


def _answer(problem: Problem) -> ASGIApp:
    return problem_response(problem, {"Retry-After": str(next(_TRY_AGAIN_SECONDS))})


_BUSY = Problem(
    type="/problems/too-busy",
    title="There is too much to do now; nothing was kept. Try again in a moment.",
    status=503,
)
_TOO_LONG = Problem(
    type="/problems/took-too-long",
    title="This took too long. Try again with the same Idempotency-Key.",
    status=503,
)
