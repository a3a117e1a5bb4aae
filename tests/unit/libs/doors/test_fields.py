"""What may stand in a request: any script, no tricks, whole cents, days that exist."""

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from libs.doors.fields import (
    AddressIn,
    Company,
    Country,
    DateIn,
    Email,
    Language,
    LongText,
    MoneyIn,
    PersonName,
    Phone,
    Strict,
    VatNumber,
)

Brief = Annotated[str, LongText(20)]


def accepted(wanted: Any, value: object) -> Any:
    """The value as the field keeps it."""
    return TypeAdapter(wanted).validate_python(value)


def refused(wanted: Any, value: object) -> str:
    """What the field says of the value; it never repeats it."""
    with pytest.raises(ValidationError) as caught:
        accepted(wanted, value)
    return str(caught.value.errors(include_input=False)[0]["msg"])


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Ångström",
        "محمد الأمين",
        "Ἀριστοτέλης",
        "山田 太郎",
        "नरेन्द्र",
        "O'Neill-d\u2019Arc",
        "👩‍🎨 Ada",
        "e\u0301",
    ],
)
def test_name_is_welcome_in_any_script(name: str) -> None:
    """Right-to-left letters, combining marks and joiners are letters like all others."""
    assert accepted(PersonName, f"  {name} ") in {name, "é"}


@pytest.mark.parametrize(
    "name",
    ["", "   ", "a\x00b", "a\x1fb", "a\x7fb", "a\x85b", "a\nb", "a\u2028b", "a\ud800", "\udfffb"]
    + [f"a{chr(point)}b" for point in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))],
)
def test_name_is_refused_when_it_holds_what_is_no_text(name: str) -> None:
    """NUL, controls, half characters and hidden changes of direction are refused."""
    refused(PersonName, name)
    refused(Company, name)


def test_long_text_keeps_its_layout_and_counts_after_normalising() -> None:
    """Lines and tabs stay, line ends become one, and a letter with its accent counts once."""
    assert accepted(Brief, "\ta\r\nb\rc\n") == "a\nb\nc"
    assert len(accepted(Brief, "e\u0301" * 20)) == 20
    refused(Brief, "a" * 21)
    refused(Brief, "a\x00")
    refused(Brief, "a\x0cb")
    refused(Brief, 7)


@given(st.text(max_size=20))
def test_text_that_is_accepted_is_accepted_again_unchanged(text: str) -> None:
    """Cleaning twice is cleaning once."""
    for wanted in (PersonName, Brief):
        try:
            once = accepted(wanted, text)
        except ValidationError:
            continue
        assert accepted(wanted, once) == once


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("jan@example.org", "jan@example.org"),
        ("Jan.Smit+web@Example.ORG", "Jan.Smit+web@example.org"),
        ("zoe@bücher.example", "zoe@xn--bcher-kva.example"),
        ("i@пример.рф", "i@xn--e1afmkfd.xn--p1ai"),
        ("someone@shop.test", "someone@shop.test"),
    ],
)
def test_email_keeps_one_spelling_of_its_domain(address: str, kept: str) -> None:
    """A Unicode domain is kept in ASCII, so that mail servers and the blind index agree."""
    assert accepted(Email, address) == kept


@pytest.mark.parametrize(
    "address",
    [
        "Jan <jan@example.org>",
        '"Jan" <jan@example.org>',
        "jan",
        "jan@",
        "@example.org",
        "jan@@example.org",
        "a@example.org,b@example.org",
        "jan@example.org\nBcc: x@example.org",
        "jañ@example.org",
        "jan@-x.example",
        "a" * 65 + "@example.org",
    ],
)
def test_email_is_one_plain_address(address: str) -> None:
    """A display name, a second address or a header in disguise is refused without echo."""
    assert address not in refused(Email, address)


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("NL 0044.95.445.B01", "NL004495445B01"),
        ("de136695976", "DE136695976"),
        ("EL094259216", "EL094259216"),
        ("GB980780684", "GB980780684"),
        ("CHE-107.787.577 MWST", "CHE107787577MWST"),
    ],
)
def test_vat_number_is_kept_compact_when_its_digits_are_right(number: str, kept: str) -> None:
    """Spaces and dots go; the country stays in front."""
    assert accepted(VatNumber, number) == kept


@pytest.mark.parametrize("number", ["NL004495446B01", "XX123", "NL", "004495445B01", "?", "DE1"])
def test_vat_number_is_refused_when_its_digits_are_wrong(number: str) -> None:
    """A wrong check digit or an unknown country is refused."""
    assert "VAT number" in refused(VatNumber, number)


@pytest.mark.parametrize(("amount", "cents"), [("0", 0), ("1234.5", 123450), ("0.07", 7)])
def test_money_is_whole_cents(amount: str, cents: int) -> None:
    """Decimal text becomes cents without rounding."""
    assert accepted(MoneyIn, {"amount": amount}).money.cents == cents


@pytest.mark.parametrize(
    "amount", ["1.005", "-1", "1e3", "NaN", "1,50", "", " 1", "1.", "١٢", "9" * 11, 12, 1.5, None]
)
def test_money_is_refused_when_it_is_not_whole_cents(amount: object) -> None:
    """Fractions of a cent, signs, exponents and numbers that are not text are refused."""
    refused(MoneyIn, {"amount": amount})


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_money_comes_back_as_it_was_written(cents: int) -> None:
    """No amount changes on its way in."""
    written = f"{cents // 100}.{cents % 100:02d}"
    assert accepted(MoneyIn, {"amount": written}).cents == cents


@pytest.mark.parametrize(
    "day", ["2026-02-29", "2026-13-01", "2026-2-3", "20260203", "2026-02-03T00:00:00", 20260203]
)
def test_date_is_a_day_that_exists(day: object) -> None:
    """29 February only in leap years, and only as YYYY-MM-DD."""
    assert accepted(DateIn, "2028-02-29").isoformat() == "2028-02-29"
    refused(DateIn, day) if isinstance(day, str) else refused(_Kinds, {**_KINDS, "day": day})


class _Kinds(Strict):
    flag: bool
    count: int
    day: DateIn


_KINDS: dict[str, object] = {"flag": True, "count": 1, "day": "2026-01-01"}


@pytest.mark.parametrize(
    "changed",
    [{"flag": "yes"}, {"flag": 1}, {"count": "1"}, {"count": True}, {"count": 1.0}, {"more": 1}],
)
def test_request_takes_no_look_alikes_and_no_unknown_fields(changed: dict[str, object]) -> None:
    """Text is no number, a number no yes, and a field nobody asked for is refused."""
    accepted(_Kinds, _KINDS)
    refused(_Kinds, {**_KINDS, **changed})


def test_phone_country_language_and_address_are_checked() -> None:
    """Each small field takes what it says and nothing else."""
    assert accepted(Phone, "+31 (0)20-123 45 67")
    assert accepted(Country, "NL") == "NL"
    assert accepted(Language, "nl") == "nl"
    for wanted, value in ((Phone, "call me"), (Phone, "1"), (Country, "ZZ"), (Language, "Dutch")):
        refused(wanted, value)
    place = {"street": "Dam 1", "postal_code": "1012", "city": "Amsterdam", "country": "NL"}
    assert accepted(AddressIn, place).address.city == "Amsterdam"


def test_request_model_is_a_pydantic_model_that_cannot_be_changed() -> None:
    """What came in stays as it came."""
    assert issubclass(Strict, BaseModel)
    made = accepted(_Kinds, _KINDS)
    with pytest.raises(ValidationError):
        made.count = 2
