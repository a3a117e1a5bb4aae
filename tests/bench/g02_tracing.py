"""G2: what spans cost the door that takes a quote request."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from deploy.native.service_environment import service_environment
from tests.bench.contest import Contest, Side
from tests.bench.g01_intake import FRESH_QUOTES, MANY, REQUEST
from tests.bench.load import Load, run_load
from tests.bench.place import Place, served
from tests.bench.slices import Slice

SINK_PORT, FIRST_PORT = 35, 36  # above the stack's base, free in every stack
OFF, TENTH, ALL, STOCK = "off", "10 %", "all", "stock"
LINES = {(TENTH, OFF): (0.80, 0.87), (ALL, OFF): (0.65, 0.74), (TENTH, STOCK): (1.5, 1.5)}
"""What a share of traces kept must come to, and is wanted to, beside what."""

YARDSTICKS = {OFF: "tracing off", STOCK: "10 % by the stock instrumentation of FastAPI"}
OURS, THEIRS = "services.quotes.main", "tests.bench.stock_traced_door"


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """The doors of quotes, each with traces of its own kind; nobody sends or hears."""
    async with AsyncExitStack() as open_ones:
        base = place.stack.ports.base
        sink = f"http://127.0.0.1:{base + SINK_PORT}"
        options = ("--port", str(base + SINK_PORT))
        taking = served("tests.bench.span_sink", *options, ready_url=f"{sink}/ready")
        await open_ones.enter_async_context(taking)
        sides: dict[str, Side] = {}
        for number, (name, told) in enumerate(_told(f"{sink}/v1/traces").items()):
            port = base + FIRST_PORT + number
            environment = _environment(place, port) | told
            url = f"http://127.0.0.1:{port}"
            module = THEIRS if name == STOCK else OURS
            door = served(module, ready_url=f"{url}/readyz", extra=environment)
            sides[name] = TracedDoor(place, url, await open_ones.enter_async_context(door)).load
        yield [
            Contest(
                goal="G2",
                row=f"quote requests through the door, {share} of the traces kept",
                yardstick_is=YARDSTICKS[beside],
                subject=sides[share],
                yardstick=sides[beside],
                must=must,
                wanted=wanted,
            )
            for (share, beside), (must, wanted) in LINES.items()
        ]
        # Nothing is left to be sent by the services of a later goal.
        await place.run_script(FRESH_QUOTES)


def _told(endpoint: str) -> dict[str, dict[str, str]]:
    tenth = {"FLUX3D_TRACE_SAMPLED_PERCENT": "10", "FLUX3D_OTLP_ENDPOINT": endpoint}
    return {
        OFF: {"OTEL_SDK_DISABLED": "true"},
        TENTH: tenth,
        ALL: tenth | {"FLUX3D_TRACE_SAMPLED_PERCENT": "100"},
        STOCK: tenth,
    }


def _environment(place: Place, port: int) -> dict[str, str]:
    own = {"FLUX3D_QUOTES_HTTP_PORT": str(port), "FLUX3D_ROLE": "http"}
    return service_environment(place.stack, "quotes") | own


@dataclass(frozen=True)
class TracedDoor:
    """A process that only answers."""

    place: Place
    url: str
    pid: int

    async def load(self, seconds: float) -> Slice:
        """Thirty-two callers at once, on fresh ground."""
        await self.place.run_script(FRESH_QUOTES)
        load = Load(url=f"{self.url}/api/quotes", body=REQUEST, connections=MANY)
        return await run_load(load, seconds, servers=[self.pid, *self.place.pids("postgres")])
