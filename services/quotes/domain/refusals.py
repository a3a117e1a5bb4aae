"""The ways a quote says no.

Refused
├── NotFound
│   └── QuoteUnknown           nothing was ever asked under this id
├── QuoteErased                its personal data is gone; nothing more may be written for it
├── QuoteNotOffered            there is no offer to answer
├── OfferSuperseded            the link is of an earlier offer
├── OfferExpired               the offer's date has passed
├── QuoteAlreadyAccepted       the customer said yes before
├── QuoteAlreadyDeclined       the customer said no before
├── QuoteNotAccepted           there is no order to work on
├── ProjectNotStarted          what was not begun cannot be completed
├── ProjectAlreadyCompleted    it was delivered before
├── OfferEndsInThePast         nobody could accept it
├── OfferEndsTooLate           it would outlive the quote it answers
├── DeliveryInTheFuture        what was not delivered yet cannot be invoiced
├── DeliveryBeforeOrder        what nobody had ordered yet cannot be invoiced
└── BillingPartyIncomplete     an invoice could not name its buyer
"""

from libs.events.errors import NotFound, Refused


class QuoteUnknown(NotFound):
    """Nothing was ever asked under this id."""

    title = "There is no quote under this id."


class QuoteErased(Refused):
    """The personal data of this quote was erased; nothing more may be written for it."""

    title = "This quote was erased; send a new request instead."


class QuoteNotOffered(Refused):
    """There is no offer to answer."""

    title = "No offer was made for this quote yet."


class OfferSuperseded(Refused):
    """The answer is to an earlier offer than the one that stands."""

    title = "A newer offer was made; please use the link in the latest mail."


class OfferExpired(Refused):
    """The offer was valid until a date that has passed."""

    title = "This offer has expired; ask for a new one."


class QuoteAlreadyAccepted(Refused):
    """The offer was accepted before; an order exists."""

    title = "This quote was already accepted."


class QuoteAlreadyDeclined(Refused):
    """The offer was declined before."""

    title = "This offer was already declined."


class QuoteNotAccepted(Refused):
    """Work needs an accepted offer."""

    title = "This quote was not accepted yet."


class ProjectNotStarted(Refused):
    """Only a project that was started can be completed."""

    title = "The project was not started yet."


class ProjectAlreadyCompleted(Refused):
    """The work was delivered before; its date stands."""

    title = "The project was already completed."


class OfferEndsInThePast(Refused):
    """An offer must leave the customer at least today."""

    title = "The offer would end before it begins; choose today or later."
    pointer = "/valid_until_on"


class OfferEndsTooLate(Refused):
    """An offer cannot be open for longer than a quote without an order is kept."""

    title = "The offer would be open for too long; choose a day within twelve months."
    pointer = "/valid_until_on"


class DeliveryInTheFuture(Refused):
    """Work is completed on the day it was delivered, not before."""

    title = "The delivery date lies in the future."
    pointer = "/delivered_on"


class DeliveryBeforeOrder(Refused):
    """Work is delivered after it was ordered; an invoice is dated by its delivery."""

    title = "The delivery date lies before the day of the order."
    pointer = "/delivered_on"


class BillingPartyIncomplete(Refused):
    """An invoice must show a name and an address; acceptance is when they are needed."""

    title = "An invoice needs a name and a full billing address; send them with the acceptance."
    pointer = "/party"
