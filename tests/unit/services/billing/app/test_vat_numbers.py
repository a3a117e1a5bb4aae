"""VAT numbers: which state issued one, if any did."""

import pytest

from services.billing.app.vat_numbers import issuing_country


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("DE136695976", "DE"),
        ("de 136 695 976", "DE"),
        ("BE0428759497", "BE"),
        ("EL094259216", "GR"),
        ("NL004495445B01", "NL"),
        ("DE136695977", None),
        ("136695976", None),
        ("GB980780684", None),
        ("", None),
        ("XX1", None),
        (None, None),
    ],
)
def test_only_a_well_formed_number_names_a_state(text: str | None, country: str | None) -> None:
    """A number with wrong check digits, without prefix or from outside proves nothing."""
    assert issuing_country(text) == country
