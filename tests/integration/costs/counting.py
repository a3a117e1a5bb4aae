"""Counts what is sent to a database: each statement is a round trip, each commit a flush."""

import asyncio
import json
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from libs.events.queries import Queries

BOUNDARIES = {"BEGIN;": "begin", "COMMIT;": "commit"}
BESIDE = " + "
DRIVERS_OWN = ("typeinfo_tree", "'jit'")


@dataclass
class Costs:
    """Which statements were sent, by name, in their order; those of no name by their text."""

    names: dict[str, str]
    sent: list[str] = field(default_factory=list)

    def note(self, logged: Any) -> None:
        """A statement was sent.

        Shape: how the driver learns a type, once for each connection, is left out.
        """
        text = logged.query.strip()
        if not any(one in text for one in DRIVERS_OWN):
            self.sent.append(self.names.get(text) or self._together(text))

    def _together(self, text: str) -> str:
        """The names of the statements that this one carries out together."""
        parts = [name for known, name in self.names.items() if _told(known) in text]
        return BESIDE.join(parts) or text

    async def seen(self) -> list[str]:
        """All that was sent since the last look.

        Why: the driver tells of a statement in the next turn of the loop.
        """
        await asyncio.sleep(0)
        seen, self.sent = self.sent, []
        return seen

    async def ours(self) -> list[str]:
        """Those of ours, where the pool is a test's own and cleans its connections."""
        ours = {*self.names.values()}
        return [one for one in await self.seen() if ours.issuperset(one.split(BESIDE))]


def _told(known: str) -> str:
    """The line of a statement that says what it does, the same in whatever it is a part of."""
    return known.partition("\n")[0]


async def count(pools: Iterable[Any], *known: Queries) -> Costs:
    """Counts what goes through these pools from now on, whichever connection it takes."""
    texts = {text: name for queries in known for name, text in queries.items()}
    costs = Costs(BOUNDARIES | texts)
    for pool in pools:
        async with AsyncExitStack() as taken:
            for _ in range(pool.get_max_size()):
                connection = await taken.enter_async_context(pool.acquire())
                connection.add_query_logger(costs.note)
    return costs


async def buffers(connection: Any, query: str, *values: Any) -> int:
    """How many pages the server looks at for a statement."""
    explained = f"explain (analyze, buffers, timing off, format json) {query}"
    (found,) = json.loads(await connection.fetchval(explained, *values))
    plan = found["Plan"]
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])
