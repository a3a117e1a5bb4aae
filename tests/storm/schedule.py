"""Which fault comes when: drawn from the seed alone, so that a failing seed repeats."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from deploy.native.programs import EVERYTHING
from deploy.native.stack import SERVICES

QUIET_FIRST_SECONDS = 5.0
GAP_SECONDS = (3.0, 12.0)
PAUSE_SECONDS = (1.0, 10.0)


class Kind(StrEnum):
    """What is done to the stack."""

    KILL = "kill -9"
    PAUSE = "pause"
    RESTART_STORM = "restart storm"
    KILL_BACKEND = "kill -9 of a backend"
    TERMINATE = "terminated backends"
    KILL_RELAY = "relay cut off"
    DUPLICATES = "duplicate delivery"
    GARBAGE = "garbage on the bus"
    CUT = "connections cut"
    CLOCK = "clock forward"
    SHRED = "shred round"
    REBUILD = "rebuild beside traffic"


VIEWS = (
    "quotes.quote_status",
    "consent.choice_now",
    "consent.consent_history",
    "consent.rights_request",
    "retention.clock",
    "retention.erasure_progress",
    "billing.order_register",
    "billing.invoice_register",
)
TARGETS: dict[Kind, tuple[str, ...]] = {
    Kind.KILL: EVERYTHING,
    Kind.PAUSE: EVERYTHING,
    Kind.RESTART_STORM: SERVICES,
    Kind.KILL_BACKEND: SERVICES,
    Kind.TERMINATE: SERVICES,
    Kind.KILL_RELAY: SERVICES,
    Kind.DUPLICATES: SERVICES,
    Kind.GARBAGE: SERVICES,
    Kind.CUT: EVERYTHING,
    Kind.CLOCK: ("everybody",),
    Kind.SHRED: ("retention",),
    Kind.REBUILD: VIEWS,
}
WEIGHTS: dict[Kind, int] = {
    Kind.KILL: 40,
    Kind.PAUSE: 20,
    Kind.RESTART_STORM: 4,
    Kind.KILL_BACKEND: 6,
    Kind.TERMINATE: 10,
    Kind.KILL_RELAY: 8,
    Kind.DUPLICATES: 8,
    Kind.GARBAGE: 4,
    Kind.CUT: 12,
    Kind.CLOCK: 5,
    Kind.SHRED: 4,
    Kind.REBUILD: 4,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Units: seconds since the storm began, and for how long.
    """

    at_seconds: float
    kind: Kind
    target: str
    for_seconds: float


def draw_schedule(seed: int, seconds: float) -> list[Fault]:
    """The faults of a storm of this length, in their order; each kind once before any chance.

    Shape: the same seed and length give the same list.
    """
    draw = Random(f"faults:{seed}")
    first = list(Kind)
    draw.shuffle(first)
    found: list[Fault] = []
    at_seconds = QUIET_FIRST_SECONDS
    while at_seconds < seconds:
        kind = first.pop() if first else draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        fault = Fault(
            round(at_seconds, 1), kind, draw.choice(TARGETS[kind]), draw.uniform(*PAUSE_SECONDS)
        )
        found.append(fault)
        at_seconds += draw.uniform(*GAP_SECONDS)
    return found
