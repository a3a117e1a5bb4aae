"""VAT: which treatment and rate, and how much."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.values import Money
from services.billing.domain.refusals import NoVatRate
from services.billing.domain.vat import (
    EU_COUNTRIES,
    Treatment,
    VatDecision,
    decide_vat,
    standard_rate,
)

SUPPLIED_ON = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("country", "number_of", "treatment", "basis_points"),
    [
        ("NL", None, Treatment.STANDARD, 2100),
        ("NL", "NL", Treatment.STANDARD, 2100),
        ("NL", "DE", Treatment.STANDARD, 2100),
        ("BE", None, Treatment.STANDARD, 2100),
        ("BE", "BE", Treatment.REVERSE_CHARGE, 0),
        ("GR", "GR", Treatment.REVERSE_CHARGE, 0),
        ("BE", "NL", Treatment.STANDARD, 2100),
        ("BE", "DE", Treatment.STANDARD, 2100),
        ("US", None, Treatment.OUTSIDE_SCOPE, 0),
        ("GB", None, Treatment.OUTSIDE_SCOPE, 0),
        ("CH", "DE", Treatment.OUTSIDE_SCOPE, 0),
        ("NO", None, Treatment.OUTSIDE_SCOPE, 0),
    ],
)
def test_vat_follows_the_place_and_number_of_the_buyer(
    country: str, number_of: str | None, treatment: Treatment, basis_points: int
) -> None:
    """Each kind of buyer gets the treatment that the law gives them."""
    decision = decide_vat(
        buyer_country=country, vat_number_country=number_of, supplied_on=SUPPLIED_ON
    )
    assert decision == VatDecision(treatment, basis_points)


def test_reverse_charge_says_so_in_both_languages() -> None:
    """An invoice without Dutch VAT for a business in the union carries the words of the law."""
    assert VatDecision(Treatment.REVERSE_CHARGE, 0).note == "VAT reverse-charged / btw verlegd"


def test_dutch_vat_needs_no_words() -> None:
    """Where VAT is charged no note stands on the invoice."""
    assert VatDecision(Treatment.STANDARD, 2100).note is None


def test_union_has_its_twenty_seven_members() -> None:
    """The list of member states is complete, the United Kingdom not among them."""
    assert (len(EU_COUNTRIES), "GB" in EU_COUNTRIES, "NL" in EU_COUNTRIES) == (27, False, True)


@pytest.mark.parametrize(
    ("supplied_on", "basis_points"),
    [(date(2012, 9, 30), 1900), (date(2012, 10, 1), 2100), (date(2026, 1, 1), 2100)],
)
def test_rate_is_that_of_the_day_of_supply(supplied_on: date, basis_points: int) -> None:
    """A rate applies from its first day on."""
    assert standard_rate(supplied_on).basis_points == basis_points


def test_day_before_every_rate_is_refused() -> None:
    """No rate is guessed for a day that the table does not reach."""
    with pytest.raises(NoVatRate):
        standard_rate(date(2000, 12, 31))


@pytest.mark.parametrize(
    ("net_cents", "vat_cents"),
    [
        (5000, 1050),
        (123450, 25925),
        (50, 11),
        (2, 0),
        (3, 1),
        (0, 0),
        (10_000_000_000, 2_100_000_000),
    ],
)
def test_half_a_cent_is_rounded_up(net_cents: int, vat_cents: int) -> None:
    """VAT is computed on the total and rounded arithmetically."""
    assert VatDecision(Treatment.STANDARD, 2100).on(Money(cents=net_cents)).cents == vat_cents


@given(st.integers(min_value=0, max_value=10**12))
def test_vat_is_never_off_by_more_than_half_a_cent(net_cents: int) -> None:
    """Whatever the amount, rounding moves VAT by half a cent at most."""
    vat = VatDecision(Treatment.STANDARD, 2100).on(Money(cents=net_cents))
    assert abs(vat.cents * 10_000 - net_cents * 2100) * 2 <= 10_000
