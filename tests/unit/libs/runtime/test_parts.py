"""Parts run beside each other; what ends is told, and stopping goes in order."""

import asyncio

import pytest
from structlog.testing import capture_logs

from libs.events.errors import Unavailable
from libs.runtime.crew import Crew, PartEnded
from libs.runtime.readiness import Readiness
from libs.runtime.timers import Timer, keep_time, run_once
from libs.runtime.waiting import wait_for


class Stops:
    """Notes the order in which parts stop."""

    def __init__(self) -> None:
        """Nothing stopped yet."""
        self.order: list[str] = []

    async def part(self, name: str) -> None:
        """Run until stopped."""
        try:
            await asyncio.Event().wait()
        finally:
            self.order.append(name)


async def _fails() -> None:
    message = "CANARY"
    raise RuntimeError(message)


async def _ends() -> None:
    return


async def test_crew_tells_which_part_failed_by_kind() -> None:
    """A part that breaks is named, and its text is not repeated."""
    crew, stops = Crew(), Stops()
    crew.start("relay", stops.part("relay"))
    crew.start("inbox", _fails())
    with capture_logs() as logs, pytest.raises(PartEnded, match="inbox"):
        await crew.first_end()
    assert logs[0]["kind"] == "RuntimeError"
    assert "CANARY" not in str(logs)
    assert (crew.runs("relay"), crew.runs("inbox")) == (True, False)
    await crew.dismiss_all()
    assert stops.order == ["relay"]


async def test_crew_takes_a_part_that_ends_quietly_for_a_failure() -> None:
    """Nothing is expected to end by itself."""
    crew = Crew()
    crew.start("inbox", _ends())
    with pytest.raises(PartEnded):
        await crew.first_end()


async def test_crew_stops_the_last_started_first() -> None:
    """The relay is started first, so that it sends what the others wrote last."""
    crew, stops = Crew(), Stops()
    for name in ("relay", "effects", "inbox"):
        crew.start(name, stops.part(name))
    await asyncio.sleep(0)
    await crew.dismiss_all()
    assert stops.order == ["inbox", "effects", "relay"]


async def test_timer_that_fails_is_told_and_runs_again() -> None:
    """One bad turn does not end the timer."""
    turns: list[int] = []
    second = asyncio.Event()

    async def turn() -> None:
        turns.append(len(turns))
        if len(turns) == 1:
            raise Unavailable
        second.set()

    with capture_logs() as logs:
        task = asyncio.create_task(keep_time(Timer("sweep", 0.001, turn)))
        await asyncio.wait_for(second.wait(), 5)
        task.cancel()
    assert (logs[0]["timer"], logs[0]["kind"]) == ("sweep", "Unavailable")


async def test_timer_says_whether_a_turn_went_well() -> None:
    """A turn is good or it is not."""
    assert await run_once(Timer("good", 1, _ends))
    with capture_logs():
        assert not await run_once(Timer("bad", 1, _fails))


async def test_waiting_says_what_it_waits_for_and_comes_back() -> None:
    """The first miss is said at once, the arrival too."""
    answers = [Unavailable("no topic yet"), Unavailable("no topic yet"), None]

    async def probe() -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    with capture_logs() as logs:
        await asyncio.wait_for(wait_for("kafka", probe), 5)
    assert [line["event"] for line in logs] == ["waiting", "found"]
    assert (logs[0]["waiting_for"], logs[0]["reason"]) == ("kafka", "no topic yet")


async def test_readiness_names_what_is_missing_and_waits_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A part that hangs is told as missing; the others are still asked."""
    monkeypatch.setattr("libs.runtime.readiness.PROBE_SECONDS_MAX", 0.05)

    async def away() -> None:
        message = "refused"
        raise Unavailable(message)

    async def hangs() -> None:
        await asyncio.Event().wait()

    ready = Readiness({"database": away, "kafka": hangs, "keyring": _ends})
    assert await ready.waiting_for() == {
        "database": "refused",
        "kafka": "does not answer in time",
    }
