"""The doors of consent together, and what each refusal is to a caller."""

from collections.abc import Mapping
from types import MappingProxyType

from fastapi import APIRouter

from libs.events.errors import Refused
from libs.keyring.openings import RecordErased
from services.consent.api.choice_doors import ChoiceDoors
from services.consent.api.history_doors import HistoryDoors
from services.consent.api.request_doors import RequestDoors
from services.consent.domain import refusals

STATUS_OF: Mapping[type[Refused], int] = MappingProxyType(
    {
        refusals.NoChoiceKept: 404,
        refusals.NoSuchRequest: 404,
        refusals.ChoicesErased: 410,
        refusals.RequestClosed: 410,
        refusals.RequestLate: 410,
        refusals.RequestAlreadyConfirmed: 409,
        refusals.RequestedTooOften: 429,
        RecordErased: 410,
    }
)
"""HTTP status by refusal, the only place that knows it."""


def make_router(choices: ChoiceDoors, history: HistoryDoors, requests: RequestDoors) -> APIRouter:
    """Every door of this service."""
    router = APIRouter()
    for doors in (choices, history, requests):
        router.routes.extend(doors.router().routes)
    return router
