"""The doors of quotes together, and what each refusal is to a caller."""

from collections.abc import Mapping
from types import MappingProxyType

from fastapi import APIRouter

from libs.events.errors import Refused
from libs.keyring.openings import RecordErased
from services.quotes.api.customer_doors import CustomerDoors
from services.quotes.api.staff_doors import StaffDoors
from services.quotes.domain import refusals

STATUS_OF: Mapping[type[Refused], int] = MappingProxyType(
    {
        refusals.QuoteUnknown: 404,
        refusals.QuoteErased: 410,
        RecordErased: 410,
        refusals.QuoteNotOffered: 409,
        refusals.OfferSuperseded: 409,
        refusals.OfferExpired: 409,
        refusals.QuoteAlreadyAccepted: 409,
        refusals.QuoteAlreadyDeclined: 409,
        refusals.QuoteNotAccepted: 409,
        refusals.ProjectNotStarted: 409,
        refusals.ProjectAlreadyCompleted: 409,
        refusals.OfferEndsInThePast: 422,
        refusals.OfferEndsTooLate: 422,
        refusals.DeliveryInTheFuture: 422,
        refusals.DeliveryBeforeOrder: 422,
        refusals.BillingPartyIncomplete: 422,
    }
)
"""HTTP status by refusal, the only place that knows it."""


def make_router(customer: CustomerDoors, staff: StaffDoors) -> APIRouter:
    """Every door of this service."""
    router = APIRouter()
    router.routes.extend(customer.router().routes)
    router.routes.extend(staff.router().routes)
    return router
