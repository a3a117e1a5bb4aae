"""The ways billing says no.

Refused
├── NotFound
│   ├── OrderUnknown        nothing was ever ordered under this id
│   ├── InvoiceUnknown      no invoice has this number
│   └── DocumentNotStored   the document of the invoice does not lie on the shelf yet
├── DocumentErased          the document of the invoice is gone, or unreadable for ever
├── OrderMissing            work was delivered that was never ordered here
├── OrderErased             the billing party is gone; nothing more can be billed
├── HoldStillRuns           the law still keeps the record
└── NoVatRate               the rate table does not reach back to the day of supply
"""

from libs.events.errors import NotFound, Refused


class OrderUnknown(NotFound):
    """Nothing was ever ordered under this id."""

    title = "There is no order under this id."


class InvoiceUnknown(NotFound):
    """No invoice has this number."""

    title = "There is no invoice with this number."


class DocumentNotStored(NotFound):
    """The document of this invoice does not lie on the shelf yet."""

    title = "The document of this invoice is not stored yet."


class DocumentErased(Refused):
    """The document of this invoice was erased with its order."""

    title = "The document of this invoice was erased."


class OrderMissing(Refused):
    """Work was delivered for a record that was never ordered here: its order was refused."""

    title = "There is no order to invoice."


class OrderErased(Refused):
    """The billing party of this order was erased; nothing more can be billed for it."""

    title = "The billing party of this order was erased."


class HoldStillRuns(Refused):
    """The law still keeps this record; its hold may not be released yet."""

    title = "The law still keeps this record."


class NoVatRate(Refused):
    """The rate table does not reach back to the day of supply."""

    title = "No VAT rate is known for this date."
