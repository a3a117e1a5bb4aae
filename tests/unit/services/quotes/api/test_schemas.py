"""What the doors take in: every script, and nothing that is not a request."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.quotes.api.schemas import OfferIn, QuoteIn

REQUESTS = json.loads(
    (Path(__file__).parents[4] / "data" / "requests.json").read_text(encoding="utf-8")
)["requests"]
GOOD = {"name": "Zoë", "email": "zoe@canary.example", "brief": "A chair."}


@pytest.mark.parametrize("request_", REQUESTS, ids=[one["case"] for one in REQUESTS])
def test_every_sample_request_is_taken(request_: dict[str, Any]) -> None:
    """People of every script can ask for a price."""
    assert QuoteIn.model_validate(request_["body"]).details().brief


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"brief": "half \ud800"}, "brief"),
        ({"brief": ""}, "brief"),
        ({"email": "Zoë <zoe@canary.example>"}, "email"),
        ({"vat_number": "NL123"}, "vat_number"),
        ({"budget": {"amount": "1.005", "currency": "EUR"}}, "budget"),
        ({"deadline_on": "2027-02-30"}, "deadline_on"),
        ({"language": "english"}, "language"),
        ({"subscribed": True}, "subscribed"),
    ],
)
def test_what_is_no_request_names_its_field(fault: dict[str, Any], field: str) -> None:
    """A field that is not as it should be is refused by name."""
    with pytest.raises(ValidationError) as refused:
        QuoteIn.model_validate({**GOOD, **fault})
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


def test_offer_of_nothing_is_refused() -> None:
    """An offer names a price."""
    with pytest.raises(ValidationError):
        OfferIn.model_validate({"amount": {"amount": "0.00"}, "valid_until_on": "2027-01-01"})
