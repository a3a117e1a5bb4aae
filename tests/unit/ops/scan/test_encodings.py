"""A text is recognised in whatever form a program may have written it."""

import base64
import hashlib
import json
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ops.scan.canaries import Canary, control_text, controls
from ops.scan.encodings import PIECE_CHARACTERS, PIECES_MAX, forms, pieces
from ops.scan.matcher import Matcher, patterns_of
from ops.scan.specimens import key_specimens, specimens, textual

NAME = "Zoë van 't Hof & Zonen <山田>"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=60)


def found(text: str, haystack: bytes) -> set[str]:
    """The encodings in which the text is seen."""
    patterns = patterns_of([Canary("one", text)])
    return {patterns[one.pattern].encoding for one in Matcher(patterns).search(haystack)}


@given(st.binary(min_size=10, max_size=10))
def test_control_is_seen_in_every_encoding_it_is_planted_in(token: bytes) -> None:
    """Whatever the chance in it, the control shows under the name it was planted under."""
    text = control_text(lambda _: token)
    for encoding, written in specimens(text):
        assert encoding in found(text, b"before" + written + b"after")


@pytest.mark.parametrize(
    "written",
    [
        NAME.encode(),
        NAME.encode("utf-16-le"),
        NAME.encode("utf-16-be"),
        NAME.upper().encode(),
        NAME.lower().encode(),
        unicodedata.normalize("NFD", NAME).encode(),
        base64.b64encode(f"x{NAME}y".encode()),
        base64.urlsafe_b64encode(f"xy{NAME}z".encode()),
        NAME.encode().hex().encode(),
        quote(NAME).encode(),
        quote(NAME, safe="").lower().encode(),
        json.dumps({"name": NAME}).encode(),
        json.dumps(NAME, ensure_ascii=False)
        .replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .encode(),
        hashlib.sha256(NAME.encode()).digest(),
        hashlib.md5(NAME.lower().encode(), usedforsecurity=False).hexdigest().encode(),
    ],
)
def test_name_is_seen_however_it_was_written(written: bytes) -> None:
    """Spellings, encodings, escapes and digests of a name are all recognised."""
    assert found(NAME, b"{..." + written.replace(b">", b"\\u003e") + b"...}") or found(
        NAME, b"{..." + written + b"...}"
    )


@given(TEXTS, st.binary(max_size=7), st.binary(max_size=7))
def test_any_text_is_seen_plain_and_in_base64(text: str, before: bytes, after: bytes) -> None:
    """Any text is recognised as it is, and in base64 whatever stands around it."""
    assert found(text, before + text.encode() + after)
    assert found(text, base64.b64encode(before + text.encode() + after))


@given(TEXTS, TEXTS)
def test_another_text_is_not_seen(text: str, other: str) -> None:
    """What is not there is not seen."""
    assume(text.casefold() not in other.casefold())
    assert "utf-8" not in found(text, other.encode()) or text in other


@given(st.binary(min_size=16, max_size=64), st.binary(max_size=5), st.binary(max_size=5))
def test_key_is_seen_raw_in_hex_and_in_base64(key: bytes, before: bytes, after: bytes) -> None:
    """The bytes of a key are recognised wherever they begin."""
    patterns = patterns_of([Canary("key", key=key)])
    for written in (key, key.hex().encode(), key.hex().upper().encode()):
        assert Matcher(patterns).search(before + written + after)
    assert Matcher(patterns).search(base64.b64encode(before + key + after))
    assert Matcher(patterns).search(base64.urlsafe_b64encode(before + key + after))


@given(st.binary(min_size=26, max_size=26))
def test_control_key_is_seen_in_every_form_it_is_planted_in(token: bytes) -> None:
    """Whatever the chance in it, the key shows under the name it was planted under."""
    _, control = controls(lambda count: token[:count])
    patterns = patterns_of([control])
    for form, written in key_specimens(control.key):
        seen = {patterns[one.pattern].encoding for one in Matcher(patterns).search(written)}
        assert form in seen


@pytest.mark.parametrize("hashed", ["31201234567", "+31201234567", "0031201234567"])
def test_phone_is_seen_hashed_without_its_punctuation(hashed: str) -> None:
    """A number is recognised by the digest of what programs make of it."""
    assert found("+31 (20) 123-45 67", hashlib.sha256(hashed.encode()).digest()) == {"sha256"}


@pytest.mark.parametrize("hashed", ["noor@voorbeeld.example", "NOOR@VOORBEELD.EXAMPLE"])
def test_address_is_seen_hashed_in_any_case(hashed: str) -> None:
    """An address is recognised by the digest of its lower and upper case."""
    digest = hashlib.sha1(hashed.encode(), usedforsecurity=False).hexdigest().encode()
    assert found("Noor@Voorbeeld.example", digest) == {"sha1"}


def test_part_of_a_long_text_is_enough() -> None:
    """A long text is seen when a page or a line break left only some of it in one piece."""
    brief = " ".join(f"part {number} of the brief is unlike the others" for number in range(200))
    assert len(pieces(brief)) <= PIECES_MAX
    assert found(brief, pieces(brief)[5].encode())
    assert all(len(one) == PIECE_CHARACTERS for one in pieces(brief))


def test_pieces_that_say_nothing_are_left_out() -> None:
    """A run of the same character stands in many files and is nobody's."""
    brief = "-" * 500 + "a brief about a silver teapot with a dragon on its lid" + "-" * 500
    assert all(set(one) != {"-"} for one in pieces(brief))


def test_compressed_literals_of_postgres_are_seen() -> None:
    """Postgres' compression leaves a text readable but for a byte of flags before each eight."""
    text = "Noor de Wit, Kerkstraat 12"
    raw = text.encode()
    groups = b"".join(b"\0" + raw[at : at + 8] for at in range(3, len(raw), 8))
    assert "pglz" in found(text, b"xyz" + raw[:3] + groups)


def test_no_form_is_trivial() -> None:
    """No form of a text of six characters is so short that it would be seen everywhere."""
    assert min(len(form) for _, form in forms("Noor W")) >= 6


def test_textual_specimens_fit_a_header() -> None:
    """What goes into headers and names is visible ASCII."""
    chosen = textual(specimens(control_text(lambda count: b"a" * count)))
    assert chosen
    assert all(raw.decode("ascii").isprintable() for _, raw in chosen)
