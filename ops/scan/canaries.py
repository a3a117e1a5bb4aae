"""What a scan looks for: texts and keys that must not be there, and controls that must be found."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BYTES_MIN = 6
CONTROL_TOKEN_BYTES = 10
KEY_BYTES_MIN = 16
CONTROL_KEY_BYTES = 32


class CanaryRefused(ValueError):
    """A canary cannot be searched for; the text says which, never what."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A text or the bytes of a key to look for, and the label that reports show in its stead."""

    label: str
    text: str = field(default="", repr=False)
    key: bytes = field(default=b"", repr=False)

    @property
    def bytes_min(self) -> int:
        """How short it may be and still mean anything."""
        return KEY_BYTES_MIN if self.key else BYTES_MIN


def read_canaries(
    texts: Sequence[str], file: Path | None, keys: Sequence[str] = ()
) -> list[Canary]:
    """The canaries of the command line and of a JSON list of texts or objects.

    Shape:  an object is {label, text} or {label, hex}; the bytes of a key are given in hex.
    Raises: CanaryRefused, when one is too short to mean anything or the file is something else.
    """
    rows: list[Any] = [*texts, *({"hex": key} for key in keys), *(_rows(file) if file else [])]
    canaries = [_canary(number, row) for number, row in enumerate(rows, start=1)]
    for canary in canaries:
        if len(canary.key or canary.text.encode(errors="surrogatepass")) < canary.bytes_min:
            message = f"{canary.label} is shorter than {canary.bytes_min} bytes"
            raise CanaryRefused(message)
    return canaries


def controls(random: Callable[[int], bytes]) -> list[Canary]:
    """What is planted in every store, to be found there: a text, and the bytes of a key."""
    return [
        Canary("control", control_text(random)),
        Canary("control key", key=_control_key(random)),
    ]


def _control_key(random: Callable[[int], bytes]) -> bytes:
    # Its beginning and end give + and / in base64, so that both alphabets have a face of their own.
    return b"\xfb\xef\xbe" + random(CONTROL_KEY_BYTES - 6) + b"\xff\xff\xff"


def control_text(random: Callable[[int], bytes]) -> str:
    """A text nobody has ever written, in which every encoding shows a different face."""
    return f'ÿ~?>?~ÿ Zoë {random(CONTROL_TOKEN_BYTES).hex()}aF ="/é'


def _rows(file: Path) -> list[Any]:
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{file} cannot be read as JSON ({type(error).__name__})"
        raise CanaryRefused(message) from error
    if not isinstance(rows, list):
        message = f"{file} does not hold a JSON list"
        raise CanaryRefused(message)
    return rows


def _canary(number: int, row: Any) -> Canary:
    match row:
        case str():
            return Canary(f"canary {number}", row)
        case {"text": str(text), **rest}:
            return Canary(str(rest.get("label", f"canary {number}")), text)
        case {"hex": str(digits), **rest}:
            label = str(rest.get("label", f"canary {number}"))
            return Canary(label, key=_bytes_of(digits, label))
    message = f"canary {number} is neither a text nor an object with a text or hex"
    raise CanaryRefused(message)


def _bytes_of(digits: str, label: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError as error:
        message = f"{label} is not written in hex"
        raise CanaryRefused(message) from error
