"""What may stand in a request, field by field; messages say what is wanted, never what came."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from email_validator import validate_email
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationInfo,
    field_validator,
)
from pydantic_core import CoreSchema, core_schema
from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError as NumberRefused

from libs.doors.countries import COUNTRIES
from libs.doors.text import clean_line, clean_text
from libs.events.plain_address import is_plain
from libs.events.values import Address, Money

_JSON_TYPES: dict[Any, type | tuple[type, ...]] = {
    bool: bool,
    int: int,
    float: (int, float),
    date: str,
    datetime: str,
    UUID: str,
    Decimal: str,
}
_JSON_NAMES = {bool: "true or false", int: "a whole number", float: "a number"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_EU_PREFIXES = frozenset(code.upper() for code in eu_vat.MEMBER_STATES) - {"GR"} | {"EL"}
_PHONE = re.compile(r"\+?[0-9 ()./-]{5,32}")
_PHONE_DIGITS_MIN, _PHONE_DIGITS_MAX = 5, 17


class Strict(BaseModel):
    """A request: unknown fields are refused, and so are values of a look-alike type."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _is_of_its_json_type(cls, value: object, info: ValidationInfo) -> object:
        wanted: Any = cls.model_fields[info.field_name or ""].annotation
        accepted = _JSON_TYPES.get(wanted)
        if accepted is None or type(value) is wanted:
            return value
        if not isinstance(value, accepted) or (isinstance(value, bool) and wanted is not bool):
            message = f"must be {_JSON_NAMES.get(wanted, 'text')}"
            raise ValueError(message)
        return value


@dataclass(frozen=True)
class LongText:
    """Marks text of many lines: `brief: Annotated[str, LongText(20_000)]`.

    Units: characters after normalisation.
    """

    characters_max: int

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Clean first, then count."""
        bounded = core_schema.str_schema(min_length=1, max_length=self.characters_max)
        return core_schema.no_info_before_validator_function(_long_text, bounded)


def _long_text(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value


def _email(text: str) -> str:
    if is_plain(text):
        return text
    try:
        parts = validate_email(
            clean_line(text),
            check_deliverability=False,
            allow_smtputf8=False,
            allow_display_name=False,
            test_environment=True,
            globally_deliverable=False,
            strict=True,
        )
    except ValueError:
        message = "must be one plain e-mail address, without a display name"
        raise ValueError(message) from None
    return f"{parts.local_part}@{parts.ascii_domain}"


def _phone(text: str) -> str:
    digits = sum(character.isdigit() for character in text)
    if not _PHONE.fullmatch(text) or not _PHONE_DIGITS_MIN <= digits <= _PHONE_DIGITS_MAX:
        message = "must be a telephone number: digits, with + in front for another country"
        raise ValueError(message)
    return text


def _vat_number(text: str) -> str:
    compact = re.sub(r"[\s.-]", "", text).upper()
    country = compact[:2]
    with suppress(NumberRefused):
        if country in _EU_PREFIXES:
            return str(eu_vat.validate(compact))
        national = get_cc_module(country, "vat")
        if national is not None:
            return country + str(national.validate(compact)).removeprefix(country)
    message = "must be a valid VAT number, with its country in front"
    raise ValueError(message)


def _country(text: str) -> str:
    if text not in COUNTRIES:
        message = "must be a country as two capital letters (ISO 3166-1)"
        raise ValueError(message)
    return text


def _date_text(value: object) -> object:
    if isinstance(value, str) and not _DATE.fullmatch(value):
        message = "must be a date as YYYY-MM-DD"
        raise ValueError(message)
    return value


Line = Annotated[str, AfterValidator(clean_line), Field(json_schema_extra={"minLength": 1})]
PersonName = Annotated[Line, Field(max_length=200)]
"""A name as its bearer writes it, in any script."""

Company = Annotated[Line, Field(max_length=200)]
"""The name of a company or organisation."""

Email = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"examples": ["kiri@flux3d.example"]}),
    AfterValidator(_email),
]
"""One address, its domain in ASCII (IDNA)."""

Phone = Annotated[
    Line,
    Field(max_length=40, json_schema_extra={"pattern": f"^{_PHONE.pattern}$"}),
    AfterValidator(_phone),
]
"""A telephone number as it was written."""

VatNumber = Annotated[Line, Field(max_length=32), AfterValidator(_vat_number)]
"""A VAT number whose check digits are right, without spaces, its country in front."""

Country = Annotated[
    str,
    Field(max_length=2, json_schema_extra={"enum": sorted(COUNTRIES)}),
    AfterValidator(_country),
]
"""A country as ISO 3166-1 alpha-2."""

Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
"""A language as two letters (ISO 639-1): en, nl, …"""

DateIn = Annotated[date, BeforeValidator(_date_text)]
"""A day that exists, as YYYY-MM-DD."""

MomentIn = AwareDatetime
"""An instant with its offset, as RFC 3339."""


class MoneyIn(Strict):
    """An amount as decimal text and its currency: `{"amount": "1234.50", "currency": "EUR"}`."""

    amount: Annotated[
        str,
        Field(max_length=14, json_schema_extra={"pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$"}),
    ]
    currency: Annotated[str, Field(pattern="^EUR$")] = "EUR"

    @field_validator("amount")
    @classmethod
    def _is_whole_cents(cls, amount: str) -> str:
        if not re.fullmatch(r"[0-9]{1,10}(\.[0-9]+)?", amount):
            message = 'must be an amount as text, like "1234.50"'
            raise ValueError(message)
        if not re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", amount):
            message = "must not hold fractions of a cent"
            raise ValueError(message)
        return amount

    @property
    def cents(self) -> int:
        """The amount in hundredths of the currency."""
        return int(Decimal(self.amount) * 100)

    @property
    def money(self) -> Money:
        """The amount as events carry it."""
        return Money(cents=self.cents, currency=self.currency)


class AddressIn(Strict):
    """Where post arrives."""

    street: Annotated[Line, Field(max_length=200)]
    postal_code: Annotated[Line, Field(max_length=20)]
    city: Annotated[Line, Field(max_length=120)]
    country: Country

    @property
    def address(self) -> Address:
        """The address as events carry it."""
        return Address(**self.model_dump())
