"""What each refusal of billing is to a caller; the only place that knows HTTP's numbers."""

from collections.abc import Mapping
from types import MappingProxyType

from libs.events.errors import Refused
from services.billing.domain import refusals

STATUS_OF: Mapping[type[Refused], int] = MappingProxyType(
    {
        refusals.OrderUnknown: 404,
        refusals.InvoiceUnknown: 404,
        refusals.DocumentNotStored: 404,
        refusals.DocumentErased: 410,
    }
)
"""HTTP status by refusal."""
