"""G1b: the door of quote requests with very many of them stored, beside the same with none."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.native import databases
from deploy.native.stack import CHECKOUT, OWNER
from libs.events.codec import encode_event
from libs.events.personal import Personal
from libs.events.seal import seal_event
from libs.events.values import Category
from libs.events.vocabulary.quotes import QuoteDetails, QuoteRequested
from tests.bench.contest import Contest
from tests.bench.erasable import STAMP
from tests.bench.g01_intake import FRESH_QUOTES, MANY, REQUEST
from tests.bench.load import Load, run_load
from tests.bench.place import CHECKPOINT, Place, bench_place
from tests.bench.slices import Slice, cpu

KEPT = 5_000_000
STORED_QUOTES = Path(__file__).with_name("stored_quotes.sql")
FULL_HOME = CHECKOUT / ".local-bench-full"
BRIEF = "A lighthouse on a rock, low poly, three levels of detail. " * 4


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """Two stacks with one service each; one of them keeps very many quotes.

    Why: a stack of its own for the full side, because a log and its topic belong together.
    """
    async with AsyncExitStack() as opened:
        full = opened.enter_context(bench_place(FULL_HOME))
        for one in (place, full):
            await opened.enter_async_context(one.with_services("quotes"))
        await asyncio.to_thread(_store, full)
        doors = Doors(empty=place, full=full)
        yield [
            Contest(
                goal="G1b",
                row=f"quote requests with {KEPT:,} stored, the servers' CPU",
                yardstick_is="none stored",
                subject=doors.stored,
                yardstick=doors.none_stored,
                must=1.2,
                wanted=1.1,
                at_least=False,
                figure=cpu,
                unit="µs",
            )
        ]


def _store(full: Place) -> None:
    secrets: dict[str, bytes] = {Category.QUOTE: bytes(32)}
    details = QuoteDetails(name="Zoë Quokka", email="stored@bench.example", brief=BRIEF)
    asked = QuoteRequested(language="en", details=Personal(details))
    record = STAMP.ids.new()
    sealed = seal_event(asked, event_id=STAMP.ids.new(), record=record, secrets=secrets)
    data = encode_event(sealed)
    variables = {"kept": str(KEPT), "data": data, "details": data.encode().hex()}
    databases.psql(full.stack, STORED_QUOTES, variables=variables)


@dataclass(frozen=True)
class Doors:
    """The same door twice."""

    empty: Place
    full: Place

    async def stored(self, seconds: float) -> Slice:
        """With all that is kept."""
        await self.full.drained(self.full.stack.database_url(OWNER, "quotes"))
        await self.full.run_script(CHECKPOINT)
        return await _load(self.full, seconds)

    async def none_stored(self, seconds: float) -> Slice:
        """With nothing kept."""
        await self.empty.drained(self.empty.stack.database_url(OWNER, "quotes"))
        await self.empty.run_script(FRESH_QUOTES)
        return await _load(self.empty, seconds)


async def _load(place: Place, seconds: float) -> Slice:
    url = f"http://127.0.0.1:{place.stack.doors_port('quotes')}/api/quotes"
    load = Load(url=url, body=REQUEST, connections=MANY)
    return await run_load(load, seconds, servers=place.pids("quotes", "quotes-doors", "postgres"))
