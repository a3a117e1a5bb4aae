"""The blind index finds a person again, whatever the spelling, and needs its key for it."""

from pathlib import Path

import pytest

from libs.keyring.blind_index import BlindIndex, normalise_email, read_blind_index

INDEX = BlindIndex(bytes(32))


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Ada@Example.org", "ada@example.org"),
        ("  ada@example.org\n", "ada@example.org"),
        ("ada@EXAMPLE.ORG", "ada@example.org"),
        ("post@bücher.example", "post@xn--bcher-kva.example"),
        ("post@xn--bcher-kva.example", "post@xn--bcher-kva.example"),
        ("Jose\u0301@example.org", "jos\u00e9@example.org"),
        ("STRASSE@example.org", "strasse@example.org"),
        ("straße@example.org", "strasse@example.org"),
        ("ada+quotes@example.org", "ada+quotes@example.org"),
    ],
)
def test_spellings_of_one_mailbox_are_one(written: str, normal: str) -> None:
    """Case, spaces, composition and the form of the domain do not make another person."""
    assert normalise_email(written) == normal
    assert INDEX.of_email(written) == INDEX.of_email(normal)


@pytest.mark.parametrize(
    "written", ["", "ada", "@example.org", "Ada <ada@example.org>", "a\x00@b.c"]
)
def test_what_is_no_address_is_refused_without_repeating_it(written: str) -> None:
    """The text of the error can go into a log."""
    with pytest.raises(ValueError, match=r"^this is not an e-mail address$"):
        INDEX.of_email(written)


def test_different_people_differ() -> None:
    """Another mailbox, another hash; a part after a plus is another mailbox."""
    addresses = ["ada@example.org", "ada+1@example.org", "ada@example.net", "bob@example.org"]
    assert len({INDEX.of_email(one) for one in addresses}) == len(addresses)


def test_visitor_is_never_taken_for_an_address() -> None:
    """The two kinds of names live apart."""
    assert INDEX.of_visitor("ada@example.org") != INDEX.of_email("ada@example.org")


def test_index_depends_on_its_key() -> None:
    """Without the key a hash cannot be computed from a list of addresses."""
    assert BlindIndex(b"k" * 32).of_email("ada@example.org") != INDEX.of_email("ada@example.org")


def test_index_key_is_read_from_its_file(tmp_path: Path) -> None:
    """The setup keeps the key as hexadecimal text."""
    path = tmp_path / "blind-index.key"
    path.write_text("00" * 32)
    assert read_blind_index(path).of_visitor("v") == INDEX.of_visitor("v")


def test_short_index_key_is_refused() -> None:
    """A cut file is not taken for a key."""
    with pytest.raises(ValueError, match="32 bytes"):
        BlindIndex(b"short")
