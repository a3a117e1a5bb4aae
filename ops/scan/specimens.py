"""The controls written in every encoding the way other programs write it, to be planted.

Why: the patterns are made in `encodings`; planting those very bytes would prove nothing, so this
       file goes through the standard library's own writers instead.
"""

from __future__ import annotations

import base64
import hashlib
import json
import quopri
from html import escape
from urllib.parse import urlencode

Specimen = tuple[str, bytes]


def specimens(text: str) -> list[Specimen]:
    """The text in every encoding, each embedded as it would be; an encoding may come twice."""
    plain = text.encode()
    return [
        ("utf-8", plain),
        ("utf-16-le", text.encode("utf-16-le")),
        ("utf-16-be", text.encode("utf-16-be")),
        ("latin-1", text.encode("latin-1")),
        *(("base64", base64.b64encode(before + plain + b"!")) for before in (b"", b"x", b"xy")),
        *(("base64url", base64.urlsafe_b64encode(before + plain)) for before in (b"", b"x")),
        ("hex", base64.b16encode(plain)),
        ("hex", plain.hex().encode()),
        ("percent", urlencode({"q": text}).encode()),
        ("json", json.dumps({"name": text}).encode()),
        ("quoted-printable", quopri.encodestring(plain)),
        ("html", escape(text).encode("ascii", errors="xmlcharrefreplace")),
        ("utf-8, lower case", text.lower().encode()),
        ("utf-8, upper case", text.upper().encode()),
        *(one for name in ("md5", "sha1", "sha256") for one in _digests(name, plain)),
    ]


def key_specimens(key: bytes) -> list[Specimen]:
    """The bytes of a key as they are written elsewhere."""
    return [
        ("key, raw", key),
        ("key, hex", base64.b16encode(key)),
        ("key, hex", key.hex().encode()),
        *(("key, base64", base64.b64encode(before + key + b"!")) for before in (b"", b"x", b"xy")),
        ("key, base64url", base64.urlsafe_b64encode(key)),
    ]


def textual(found: list[Specimen]) -> list[Specimen]:
    """Those that can stand in a header or a file name: visible ASCII in one line."""
    return [(name, raw) for name, raw in found if raw.isascii() and raw.decode().isprintable()]


def _digests(name: str, plain: bytes) -> list[Specimen]:
    digest = hashlib.new(name, plain, usedforsecurity=False)
    return [(name, digest.digest()), (name, digest.hexdigest().encode())]
