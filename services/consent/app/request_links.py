"""The links of a rights request: what each allows, and for how long."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.policy.calendar import Months, add_months, end_of_day_at
from services.consent.app.ports import SignsLinks

STATUS = "rights_request_status"
"""Allows to see how far a request is; given to whoever asks."""

OUTCOME = "rights_request_outcome"
"""Allows to see what went and what stays; given only to who reads the mail of the address."""

CONFIRMATION = "rights_request_confirmation"
"""Allows to confirm, once."""

LOOK_MONTHS = Months(12)
"""How long a request can be looked up. A choice of ours, not the law's."""


@dataclass(frozen=True, kw_only=True)
class RequestLinks:
    """Addresses of this service's doors with a token for one request in them.

    Why: the outcome tells whether an address is known here, so asking alone must not show it.
    """

    links: SignsLinks
    public_url: str

    def status_url(self, record: UUID, *, received_at: datetime) -> str:
        """Where whoever asked sees how far the request is."""
        return self._look(STATUS, record, received_at)

    def outcome_url(self, record: UUID, *, received_at: datetime) -> str:
        """Where the person behind the address sees what went and what stays."""
        return self._look(OUTCOME, record, received_at)

    def confirmation_url(self, record: UUID, *, due_on: date) -> str:
        """Where the person behind the address confirms, until the last day has passed."""
        token = self.links.sign(CONFIRMATION, record, expires_at=end_of_day_at(due_on))
        return f"{self._request(record)}/confirmation?token={token}"

    def certificate_url(self, erasure: UUID) -> str:
        """Where the signed certificate of an erasure lies; it names no person."""
        return f"{self.public_url}/api/erasures/{erasure}/certificate"

    def _look(self, purpose: str, record: UUID, received_at: datetime) -> str:
        expires_at = add_months(received_at, LOOK_MONTHS)
        token = self.links.sign(purpose, record, expires_at=expires_at)
        return f"{self._request(record)}?token={token}"

    def _request(self, record: UUID) -> str:
        return f"{self.public_url}/api/rights-requests/{record}"
