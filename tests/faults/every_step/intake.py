"""The flow of intake: a person asks for a price, and is told by mail that it arrived."""

from tests.faults.every_step.calls import Calls
from tests.faults.every_step.parts import Parts
from tests.faults.every_step.wired import wired

ASKED = {
    "name": "Zoë Canary-Quokka",
    "email": "zoe@canary.example",
    "brief": "CANARY-QUOKKA: forty chairs.",
    "language": "nl",
    "billing_address": {
        "street": "Canarystraat 1",
        "postal_code": "1234 AB",
        "city": "Utrecht",
        "country": "NL",
    },
}


async def take_in(parts: Parts, key: str, calls: Calls) -> None:
    """Ask with this idempotency key, as somebody does who got no answer, and send the letter."""
    async with wired(parts, "quotes") as quotes:
        with calls.counted():
            await quotes.post("/api/quotes", ASKED, key=key)
            await quotes.carry_out()
