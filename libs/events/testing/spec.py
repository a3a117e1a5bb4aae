"""Given these facts, when this command comes, then these facts follow: the test of a decider."""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import pytest

from libs.events.decider import Decider
from libs.events.errors import Refused
from libs.events.event import Event

C = TypeVar("C")
S = TypeVar("S")


@dataclass
class Spec(Generic[C, S]):
    """One rule of a decider, said as given / when / then."""

    decider: Decider[C, S]
    past: tuple[Event, ...] = ()
    command: C | None = field(default=None)

    def given(self, *events: Event) -> "Spec[C, S]":
        """What happened before."""
        return Spec(self.decider, events)

    def when(self, command: C) -> "Spec[C, S]":
        """What is asked."""
        return Spec(self.decider, self.past, command)

    def then(self, *expected: Event) -> None:
        """Exactly these facts follow."""
        assert self._decide() == expected

    def does_nothing(self) -> None:
        """No fact follows."""
        self.then()

    def refuses(self, reason: type[Refused]) -> None:
        """The rule says no, for this reason and no other."""
        with pytest.raises(Refused) as caught:
            self._decide()
        assert caught.type is reason

    def _decide(self) -> tuple[Event, ...]:
        assert self.command is not None, "say when(…) first"
        return self.decider.decide(self.command, self.decider.fold(self.past))


def spec(decider: Decider[Any, Any]) -> Spec[Any, Any]:
    """Begin a rule: `spec(QUOTE).given(…).when(…).then(…)`."""
    return Spec(decider)
