"""Whether the process can serve now, and what it waits for when it cannot."""

import asyncio
from collections.abc import Mapping

from libs.events.errors import Unavailable
from libs.runtime.waiting import Probe

PROBE_SECONDS_MAX = 2.0


class Readiness:
    """Asks every part at once, each for a bounded time.

    Shape: ready from the moment `begun` is set and every part answers.
    """

    def __init__(self, parts: Mapping[str, Probe]) -> None:
        """Ask these parts, by name."""
        self._parts = dict(parts)

    async def waiting_for(self) -> dict[str, str]:
        """The parts that do not answer, each with what is missing; empty when it can serve."""
        answers = await asyncio.gather(*(_ask(probe) for probe in self._parts.values()))
        return {
            part: missing
            for part, missing in zip(self._parts, answers, strict=True)
            if missing is not None
        }


async def _ask(probe: Probe) -> str | None:
    try:
        await asyncio.wait_for(probe(), PROBE_SECONDS_MAX)
    except Unavailable as error:
        return str(error)
    except TimeoutError:
        return "does not answer in time"
    return None
