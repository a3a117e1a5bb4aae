"""Addresses that need no library are those that the library leaves as they are."""

from string import ascii_lowercase, digits

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from libs.events.plain_address import is_plain

LETTERS = ascii_lowercase + digits + "A.@-_+ é\n"
NEARLY = st.text(LETTERS, max_size=12)
ADDRESSES = st.one_of(
    st.emails(),
    st.builds("{}@{}.{}".format, NEARLY, NEARLY, NEARLY),
    st.builds("{}@{}.nl".format, st.text("ab.-", max_size=70), st.text("ab.-", max_size=260)),
)


def normal(address: str) -> str:
    """The address as the library writes it at our doors."""
    parts = validate_email(
        address,
        check_deliverability=False,
        allow_smtputf8=False,
        test_environment=True,
        globally_deliverable=False,
        strict=True,
    )
    return f"{parts.local_part.casefold()}@{parts.ascii_domain}"


@given(ADDRESSES)
def test_plain_address_is_one_that_the_library_leaves(address: str) -> None:
    """What is taken without the library is valid to it, and the same afterwards."""
    if is_plain(address):
        assert normal(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "zoe@flux3d.example",
        "zoe.van-der_berg+quotes@mail.studio-7.co.uk",
        "4f0c8a52-73a0-4b1d-9a55-0c4a4d1f6f0e@bench.example",
    ],
)
def test_usual_addresses_are_plain(address: str) -> None:
    """What people type needs no library; else nothing would be gained."""
    assert is_plain(address)
    assert normal(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "Zoe@flux3d.example",
        "zoe@Flux3d.example",
        "zoe@bücher.example",
        "zoe@xn--bcher-kva.example",
        "zoe@ab--cd.example",
        "zoe@localhost",
        "zoe@192.168.0.1",
        "zoe@-a.example",
        "zoe@a-.example",
        ".zoe@a.example",
        "zoe..b@a.example",
        "zoe@a.example\n",
        " zoe@a.example",
        '"zoe"@a.example',
        "a" * 65 + "@a.example",
        "zoe@" + "a" * 64 + ".example",
        "zoe@" + "a." * 126 + "nl",
    ],
)
def test_all_others_are_left_to_the_library(address: str) -> None:
    """What must be changed or refused is not taken as it is."""
    assert not is_plain(address)
