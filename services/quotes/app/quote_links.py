"""The links that a customer gets: one to look, one to answer an offer; neither needs an account."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.policy.calendar import add_months, end_of_day_at
from libs.policy.terms import Terms
from services.quotes.app.ports import SignsLinks

STATUS = "status"
OFFER = "offer"


@dataclass(frozen=True, kw_only=True)
class QuoteLinks:
    """Addresses of this service's doors with a token for one quote in them."""

    links: SignsLinks
    public_url: str
    terms: Terms

    def status_url(self, record: UUID, *, since: datetime) -> str:
        """Where the customer sees the quote; valid as long as its content may be kept.

        Why: counted from a moment of the quote, so a repeated answer holds the same link.
        """
        ends_at = add_months(since, self.terms.quote_without_order + self.terms.ordered_quote)
        token = self.links.sign(STATUS, record, expires_at=ends_at)
        return f"{self._quote(record)}?token={token}"

    def answer_url(self, record: UUID, answer: str, *, offer: int, valid_until_on: date) -> str:
        """Where the customer accepts or refuses this offer, until its date has passed."""
        ends_at = end_of_day_at(valid_until_on)
        token = self.links.sign(OFFER, record, expires_at=ends_at, nonce=str(offer))
        return f"{self._quote(record)}/{answer}?token={token}"

    def _quote(self, record: UUID) -> str:
        return f"{self.public_url}/api/quotes/{record}"
