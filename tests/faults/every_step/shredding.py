"""The flow of a shred round: an operator asks for one, and retention's timer carries it out."""

from tests.faults.every_step.calls import Calls
from tests.faults.every_step.parts import Parts
from tests.faults.every_step.wired import wired


async def shred(parts: Parts, key: str, calls: Calls) -> None:
    """Ask for a round with this idempotency key, and let the timer strike until it is done."""
    async with wired(parts, "retention") as retention:
        with calls.counted():
            await retention.post("/api/shred", key=key)
            await retention.run_timer("shred")
