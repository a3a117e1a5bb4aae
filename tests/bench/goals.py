"""Every goal and what measures it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType

from tests.bench import (
    g01_intake,
    g01b_stored,
    g02_tracing,
    g03_relay,
    g04_consumer,
    g05_rebuild,
    g06_history,
    g07_sweep,
    g08_erasure,
    g09_freshness,
    g10_peer,
    g12_footprint,
)
from tests.bench.contest import Contest
from tests.bench.place import Place

Contests = Callable[[Place], AbstractAsyncContextManager[Sequence[Contest]]]

GOALS: Mapping[str, Contests] = MappingProxyType(
    {
        "G1": g01_intake.contests,
        "G1B": g01b_stored.contests,
        "G2": g02_tracing.contests,
        "G3": g03_relay.contests,
        "G4": g04_consumer.contests,
        "G5": g05_rebuild.contests,
        "G6": g06_history.contests,
        "G7": g07_sweep.contests,
        "G8": g08_erasure.contests,
        "G9": g09_freshness.contests,
        "G10": g10_peer.contests,
        "G12": g12_footprint.contests,
    }
)
"""By number; each makes its ground, hands out its contests, and takes its ground down again."""
