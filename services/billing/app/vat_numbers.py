"""Which member state issued a VAT number, when the number is well formed."""

from stdnum.eu import vat
from stdnum.exceptions import ValidationError

_COUNTRY_OF_PREFIX = {"EL": "GR"}
_GOODS_ONLY = "XI"


def issuing_country(vat_number: str | None) -> str | None:
    """The member state of a well-formed VAT number with its prefix; none for anything else.

    Shape:  Northern Ireland's numbers count for goods only, so here they count for nothing.
    Source: the check digits of each state; the register of the Commission (VIES) is not asked.
    """
    if vat_number is None:
        return None
    try:
        prefix = vat.validate(vat_number)[:2].upper()
    except ValidationError:
        return None
    return None if prefix == _GOODS_ONLY else _COUNTRY_OF_PREFIX.get(prefix, prefix)
