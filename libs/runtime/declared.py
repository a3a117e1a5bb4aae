"""What a service says about itself, before and after it stands on its ground."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from libs.events.errors import Refused
from libs.events.event import Event
from libs.events.log import EFFECTS
from libs.events.recorded import Recorded
from libs.events.values import Owner
from libs.events.view import View
from libs.events.work import Reaction
from libs.policy.evidence import CheckResult
from libs.runtime.timers import Timer

Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What is known of a service before anything runs."""

    owner: Owner
    views: tuple[View[Any], ...]
    effects: EFFECTS
    hears: tuple[Owner, ...]


@dataclass(frozen=True, kw_only=True)
class Built:
    """What a service makes of its ground.

    Shape: `effects` carry out by name what `Declared.effects` owes, idempotently; `at_start` runs
    once when everything is there; `evidence` measures by check name; `gauges` refresh figures.
    """

    router: APIRouter
    refusals: Mapping[type[Refused], int]
    reactions: Mapping[type[Event], Reaction] = field(default_factory=dict)
    effects: Mapping[str, Callable[[Recorded], Awaitable[None]]] = field(default_factory=dict)
    timers: tuple[Timer, ...] = ()
    at_start: tuple[Act, ...] = ()
    evidence: Mapping[str, Callable[[], Awaitable[CheckResult]]] = field(default_factory=dict)
    gauges: tuple[Act, ...] = ()
