"""What the steps of the tour share: the people, the hands that act, and what was learned so far."""

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from deploy.native.stack import CHECKOUT, Stack
from ops.tour.gateway import Gateway, split_link
from ops.tour.mailbox import link_with
from ops.tour.operator_hand import OperatorHand
from ops.tour.telling import Telling, wait_for

REQUESTS = CHECKOUT / "tests" / "data" / "requests.json"
SHOWN = ("japanese", "dutch", "very long brief")


@dataclass
class Walk:
    """One walk through the tour, from a running stack to the evidence."""

    stack: Stack
    telling: Telling
    gateway: Gateway = field(init=False)
    operator: OperatorHand = field(init=False)
    people: dict[str, Any] = field(default_factory=dict)
    quotes: dict[str, str] = field(default_factory=dict)
    invoice: str = ""
    erasure: str = ""
    key: bytes = field(default=b"", repr=False)
    backup: Path = Path()
    old_epochs: set[str] = field(default_factory=set)
    held_until_on: date = date.min

    def __post_init__(self) -> None:
        """Read the people, and take up the hands."""
        self.gateway = Gateway(self.stack)
        self.operator = OperatorHand(self.stack)
        cases = json.loads(REQUESTS.read_text(encoding="utf-8"))["requests"]
        self.people = {one["case"]: one for one in cases}

    @property
    def mailbox(self) -> Path:
        """Where letters arrive."""
        return self.stack.mailbox

    def epochs(self) -> set[str]:
        """The files of the epoch keys that are there now."""
        return {path.name for path in self.stack.keys.glob("epoch-*")}

    def canaries(self) -> list[str]:
        """Every word of the people that may be found on no disk of ours."""
        return [word for person in self.people.values() for word in person["canaries"]]

    def request_quote(self, case: str, **changes: str) -> str:
        """Ask for a price as one of the people; gives the id."""
        body = {**self.people[case]["body"], **changes}
        received = self.gateway.post("/api/quotes", body)
        quote: str = received["id"]
        return quote

    def letter_link(self, address: str, part: str) -> tuple[str, str]:
        """Path and token of the newest mailed link that contains `part`, once it arrived."""
        link = wait_for(lambda: link_with(self.mailbox, address, part), f"a letter with {part}")
        return split_link(link)

    def quote(self, case: str) -> dict[str, Any]:
        """A quote as staff see it."""
        return self.gateway.get(f"/api/quotes/{self.quotes[case]}", role="staff")
