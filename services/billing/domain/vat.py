"""Which VAT an invoice carries: by where the buyer is, their VAT number, and the day of supply.

Here only services between a Dutch seller and a buyer are judged; whether a number is well formed
is found out elsewhere, and what comes in is the country that issued it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from libs.events.values import Money
from services.billing.domain.refusals import NoVatRate

SELLER_COUNTRY = "NL"
EU_COUNTRIES = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 - a list of codes reads best as one line
)
"""Member states since 1 January 2021, by ISO 3166-1.

Source: VAT Directive 2006/112/EC art. 5(2); the transition of the United Kingdom ended then.
"""


class Treatment(StrEnum):
    """How VAT law treats one invoice."""

    STANDARD = "standard"
    REVERSE_CHARGE = "reverse_charge"
    OUTSIDE_SCOPE = "outside_scope"


NOTES = {
    Treatment.REVERSE_CHARGE: "VAT reverse-charged / btw verlegd",
    Treatment.OUTSIDE_SCOPE: "Outside the scope of Dutch VAT / buiten de Nederlandse btw-heffing",
}
"""What the invoice says where no VAT is charged.

Source: VAT Directive art. 226(11a).
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """The standard rate from a day on.

    Units: hundredths of a per cent.
    """

    from_on: date
    basis_points: int
    source: str


STANDARD_RATES = (
    Rate(date(2001, 1, 1), 1900, "Wet OB 1968 art. 9(1) as of 2001"),
    Rate(date(2012, 10, 1), 2100, "Wet OB 1968 art. 9(1) as of 1 October 2012"),
)
"""Oldest first; the last that began on or before the day of supply applies."""


@dataclass(frozen=True, slots=True)
class VatDecision:
    """The treatment of one invoice, its rate, and what it must say about it."""

    treatment: Treatment
    rate_basis_points: int

    @property
    def note(self) -> str | None:
        """The words the invoice must carry, if any."""
        return NOTES.get(self.treatment)

    def on(self, net: Money) -> Money:
        """The VAT on the total of this rate, half a cent upwards.

        Source: rounding is arithmetic, and here always on the total per rate.
        """
        vat = Decimal(net.cents) * self.rate_basis_points / 10_000
        cents = int(vat.quantize(Decimal(1), rounding=ROUND_HALF_UP))
        return Money(cents=cents, currency=net.currency)


def decide_vat(
    *, buyer_country: str, vat_number_country: str | None, supplied_on: date
) -> VatDecision:
    """The VAT on a service made for this buyer.

    Shape:  `vat_number_country` is the member state that issued the buyer's well-formed VAT number,
            none without one; a number of another state than the buyer's address is no evidence.
    Raises: NoVatRate, when the day of supply lies before every known rate.
    Source: VAT Directive art. 44, 45, 196; Regulation (EU) 282/2011 art. 18.
    """
    if buyer_country not in EU_COUNTRIES:
        return VatDecision(Treatment.OUTSIDE_SCOPE, 0)
    if buyer_country != SELLER_COUNTRY and vat_number_country == buyer_country:
        return VatDecision(Treatment.REVERSE_CHARGE, 0)
    return VatDecision(Treatment.STANDARD, standard_rate(supplied_on).basis_points)


def standard_rate(supplied_on: date) -> Rate:
    """The standard rate on the day of supply.

    Raises: NoVatRate, before the first day of the table.
    """
    begun = [rate for rate in STANDARD_RATES if rate.from_on <= supplied_on]
    if not begun:
        message = f"no standard VAT rate is known for {supplied_on.isoformat()}"
        raise NoVatRate(message)
    return begun[-1]
