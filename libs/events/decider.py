"""How a record decides: its state so far, and what follows from a command."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from libs.events.event import Event

Command = TypeVar("Command")
State = TypeVar("State")


@dataclass(frozen=True)
class Decider(Generic[Command, State]):
    """Three pure things: the state before anything, how a fact changes it, what a command gives.

    Shape: `decide` gives no events when there is nothing left to do.
    Raises: Refused, from `decide` only; `evolve` accepts every recorded fact.
    """

    initial: State
    evolve: Callable[[State, Event], State]
    decide: Callable[[Command, State], tuple[Event, ...]]

    def fold(self, events: Iterable[Event], start: State | None = None) -> State:
        """The state after these events."""
        state = self.initial if start is None else start
        for event in events:
            state = self.evolve(state, event)
        return state
