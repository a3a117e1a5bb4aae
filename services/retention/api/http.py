"""The doors of retention together, and what each refusal is to a caller."""

from collections.abc import Mapping
from types import MappingProxyType

from fastapi import APIRouter

from libs.events.errors import Refused
from services.retention.api.clock_doors import ClockDoors
from services.retention.api.erasure_doors import ErasureDoors
from services.retention.api.journal_doors import JournalDoors
from services.retention.api.shred_doors import ShredDoors
from services.retention.api.sweep_doors import SweepDoors
from services.retention.domain import refusals

STATUS_OF: Mapping[type[Refused], int] = MappingProxyType(
    {
        refusals.RecordUnknown: 404,
        refusals.ErasureUnknown: 404,
        refusals.CertificateNotReady: 404,
        refusals.AddendumNotReady: 404,
        refusals.RecordNotOfErasure: 409,
        refusals.SweepStopped: 409,
    }
)
"""HTTP status by refusal, the only place that knows it."""


def make_router(
    erasures: ErasureDoors,
    clocks: ClockDoors,
    sweep: SweepDoors,
    shred: ShredDoors,
    journal: JournalDoors,
) -> APIRouter:
    """Every door of this service."""
    router = APIRouter()
    router.routes.extend(journal.router().routes)
    router.routes.extend(erasures.router().routes)
    router.routes.extend(clocks.router().routes)
    router.routes.extend(sweep.router().routes)
    router.routes.extend(shred.router().routes)
    return router
