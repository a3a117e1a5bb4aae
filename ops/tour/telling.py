"""What the tour promises and sees, step by step; what was not seen fails it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
WAIT_SECONDS = 40.0
LOOK_AGAIN_SECONDS = 0.1


class NotSeen(Exception):
    """Something that was promised was not seen."""


@dataclass(frozen=True)
class Seen:
    """One promise and what was seen of it."""

    promise: str
    seen: str


@dataclass
class Telling:
    """Collects what a step promises and sees, and says it at once."""

    say: Callable[[Seen], None]
    told: list[Seen] = field(default_factory=list)

    def check(self, promise: str, *, holds: bool, seen: str) -> None:
        """Say what was promised and seen.

        Raises: NotSeen, when it does not hold.
        """
        if not holds:
            message = f"{promise}: {seen}"
            raise NotSeen(message)
        one = Seen(promise, seen)
        self.told.append(one)
        self.say(one)


def wait_for(look: Callable[[], T | None], what: str, *, seconds: float = WAIT_SECONDS) -> T:
    """What `look` gives once it gives something.

    Raises: NotSeen, when it gives nothing in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(LOOK_AGAIN_SECONDS)
    message = f"waited {seconds:.0f} s for {what}"
    raise NotSeen(message)
