"""Until when the law keeps the billing party of an order, and in whose name."""

from dataclasses import dataclass
from datetime import date

from libs.events.values import Category
from libs.events.vocabulary.billing import InvoiceHoldPlaced
from libs.policy.calendar import DECEMBER_31, BookYearEnd, Years, hold_until

HOLD_REASON = "order"
"""The one hold of an order: provisional at acceptance, dated here, moved on by the invoice."""


@dataclass(frozen=True, slots=True)
class HoldRule:
    """How long tax law keeps the books, and the words for it.

    Source: clause 5.1.billing; AWR art. 52(4).
    """

    years: Years
    basis: str
    book_year_end: BookYearEnd = DECEMBER_31

    def until(self, anchor_on: date) -> date:
        """The last day on which a record with this anchor is kept."""
        return hold_until(anchor_on, self.years, self.book_year_end)

    def placed(self, anchor_on: date, *, not_before: date | None = None) -> InvoiceHoldPlaced:
        """The hold that follows from this anchor, never shorter than one that runs already."""
        until_on = self.until(anchor_on)
        return InvoiceHoldPlaced(
            category=Category.BILLING,
            reason=HOLD_REASON,
            basis=self.basis,
            until_on=max(until_on, not_before or until_on),
        )
