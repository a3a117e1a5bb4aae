"""The forms a text can take on a disk: spellings, encodings, escapes and unsalted digests."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

Form = tuple[str, bytes]

WHOLE_CHARACTERS_MAX = 64
PIECE_CHARACTERS = 32
PIECES_MAX = 12
DISTINCT_CHARACTERS_MIN = 8
DIGESTS = ("md5", "sha1", "sha256")
PHONE_DIGITS_MIN = 8
# Postgres' own compression writes literals in groups of eight behind a byte of flags.
GROUP_BYTES = 8
# Go's writer (the object store keeps metadata with it) escapes what HTML could trip over.
_ESCAPED_BY_GO = str.maketrans({"&": "\\u0026", "<": "\\u003c", ">": "\\u003e"})


def forms(text: str) -> Iterator[Form]:
    """Every form of a text, each with the name of its encoding; the plainest comes first.

    Shape: a long text is looked for by pieces of it, because pages and line breaks cut it up.
    """
    for piece in pieces(text):
        for name, spelling in spellings(piece):
            for encoding, written in _written(spelling):
                yield f"{encoding}{name}", written
    for spelling in {one for _, one in spellings(text)} | set(_numbers(text)):
        yield from _digests(spelling)


def forms_of_key(key: bytes) -> Iterator[Form]:
    """Every form of a key's bytes: as they are, hex, base64 wherever they begin."""
    yield "key, raw", key
    yield from (("key, hex", key.hex().encode()), ("key, hex", key.hex().upper().encode()))
    for shift in range(3):
        yield "key, base64", _base64(key, shift)
        yield "key, base64url", _base64(key, shift).translate(bytes.maketrans(b"+/", b"-_"))


def pieces(text: str) -> list[str]:
    """A short text whole; of a long one some pieces, evenly spread, that say something."""
    if len(text) <= WHOLE_CHARACTERS_MAX:
        return [text]
    last = len(text) - PIECE_CHARACTERS
    cut = [text[at : at + PIECE_CHARACTERS] for at in (*range(0, last, PIECE_CHARACTERS), last)]
    telling = [one for one in cut if len(set(one)) >= DISTINCT_CHARACTERS_MIN]
    spread = telling[:: -(-len(telling) // PIECES_MAX)] if telling else []
    return spread or [text[:PIECE_CHARACTERS]]


def spellings(text: str) -> Iterator[tuple[str, str]]:
    """The text as it is, then in other cases and normal forms, those that differ."""
    others = {
        ", lower case": text.lower(),
        ", upper case": text.upper(),
        ", capitalised": text.title(),
        ", composed": unicodedata.normalize("NFC", text),
        ", decomposed": unicodedata.normalize("NFD", text),
    }
    yield "", text
    for name, spelling in others.items():
        if spelling != text:
            yield name, spelling


def _written(text: str) -> Iterator[Form]:
    plain = _bytes(text)
    yield "utf-8", plain
    yield "utf-16-le", text.encode("utf-16-le", errors="surrogatepass")
    yield "utf-16-be", text.encode("utf-16-be", errors="surrogatepass")
    yield from _one_byte(text)
    for shift in range(3):
        yield "base64", _base64(plain, shift)
        yield "base64url", _base64(plain, shift).translate(bytes.maketrans(b"+/", b"-_"))
    yield from (("hex", plain.hex().encode()), ("hex", plain.hex().upper().encode()))
    yield from _escaped(text)
    yield from (("pglz", one) for one in _in_literal_groups(plain))


def _escaped(text: str) -> Iterator[Form]:
    plain = _bytes(text)
    for quoted in (quote(plain, safe=""), quote(plain), quote_plus(plain)):
        yield "percent", quoted.encode()
        yield "percent", _lower_hex(quoted, "%").encode()
    for escaped in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
        yield "json", _bytes(escaped[1:-1])
        yield "json", _bytes(escaped[1:-1].translate(_ESCAPED_BY_GO))
        yield "json", _bytes(escaped[1:-1].replace("/", "\\/"))
    yield "json", _upper_hex_of_json(json.dumps(text)[1:-1]).encode()
    yield "quoted-printable", _quoted_printable(plain)
    yield "html", html.escape(text).encode("ascii", errors="xmlcharrefreplace")
    yield "html", text.encode("ascii", errors="xmlcharrefreplace")


def _one_byte(text: str) -> Iterator[Form]:
    try:
        yield "latin-1", text.encode("latin-1")
    except UnicodeEncodeError:
        return


def _digests(text: str) -> Iterator[Form]:
    for name in DIGESTS:
        digest = hashlib.new(name, _bytes(text), usedforsecurity=False).digest()
        yield name, digest.hex().encode()
        yield name, digest.hex().upper().encode()
        yield name, digest
        yield name, base64.b64encode(digest).rstrip(b"=")


def _numbers(text: str) -> Iterator[str]:
    """A phone number as programs write it before they hash it: without its punctuation."""
    digits = "".join(one for one in text if one.isdigit())
    if len(digits) < PHONE_DIGITS_MIN or any(one.isalpha() for one in text):
        return
    yield from (digits, f"+{digits}", f"00{digits}")


def _base64(plain: bytes, shift: int) -> bytes:
    # Of the characters only those count that these bytes alone decide, whatever stands around.
    encoded = base64.b64encode(bytes(shift) + plain)
    first = -(-shift * 8 // 6)
    return encoded[first : (shift + len(plain)) * 8 // 6]


def _in_literal_groups(plain: bytes) -> Iterator[bytes]:
    for before in range(GROUP_BYTES):
        group = plain[before : before + GROUP_BYTES]
        if len(group) == GROUP_BYTES:
            yield plain[:before] + b"\0" + group


def _quoted_printable(plain: bytes) -> bytes:
    printable = set(range(0x20, 0x7F)) - {0x3D}
    return b"".join(bytes((byte,)) if byte in printable else b"=%02X" % byte for byte in plain)


def _lower_hex(text: str, mark: str) -> str:
    head, *rest = text.split(mark)
    return head + "".join(f"{mark}{part[:2].lower()}{part[2:]}" for part in rest)


def _upper_hex_of_json(text: str) -> str:
    head, *rest = text.split("\\u")
    return head + "".join(f"\\u{part[:4].upper()}{part[4:]}" for part in rest)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
