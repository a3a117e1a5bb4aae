"""Whom to invoice: given with the request, corrected at acceptance."""

import msgspec
import pytest

from services.quotes.domain.billing_party import PartyGiven, bill_to
from services.quotes.domain.refusals import BillingPartyIncomplete
from tests.unit.services.quotes.examples import ADDRESS, DETAILS, PARTY


def test_party_is_taken_from_the_request() -> None:
    """What the request said is enough when it named an address."""
    details = msgspec.structs.replace(DETAILS, billing_address=ADDRESS)
    party = bill_to(details, PartyGiven())
    assert party == msgspec.structs.replace(PARTY, company=DETAILS.company)


def test_party_given_at_acceptance_wins() -> None:
    """What is said at acceptance replaces what the request said, field by field."""
    party = bill_to(DETAILS, PartyGiven(company="Numbat NV", address=ADDRESS))
    assert (party.company, party.name) == ("Numbat NV", DETAILS.name)


def test_party_needs_an_address() -> None:
    """An invoice must show its buyer's address, so acceptance without one is refused."""
    with pytest.raises(BillingPartyIncomplete):
        bill_to(DETAILS, PartyGiven())
