"""Whom to invoice: what the request said, corrected by what the acceptance says."""

from dataclasses import dataclass

from libs.events.values import Address
from libs.events.vocabulary.quotes import BillingParty, QuoteDetails
from services.quotes.domain.refusals import BillingPartyIncomplete


@dataclass(frozen=True, kw_only=True)
class PartyGiven:
    """What the customer says at acceptance; what is none stays as it was in the request."""

    name: str | None = None
    email: str | None = None
    company: str | None = None
    address: Address | None = None
    vat_number: str | None = None


def bill_to(details: QuoteDetails, given: PartyGiven) -> BillingParty:
    """The billing party: each field as given now, else as given with the request.

    Raises: BillingPartyIncomplete, when neither gave an address.
    Source: clause 5.1.billing; Directive 2006/112/EC art. 226(5).
    """
    address = given.address or details.billing_address
    if address is None:
        raise BillingPartyIncomplete
    return BillingParty(
        name=given.name or details.name,
        email=given.email or details.email,
        address=address,
        company=given.company or details.company,
        vat_number=given.vat_number or details.vat_number,
    )
