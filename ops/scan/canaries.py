"""What a scan looks for: texts that must not be there, and a control that must be found."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BYTES_MIN = 6
CONTROL_TOKEN_BYTES = 10


class CanaryRefused(ValueError):
    """A canary cannot be searched for; the text says which, never what."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A text to look for, and the label that reports show in its stead."""

    label: str
    text: str = field(repr=False)


def read_canaries(texts: Sequence[str], file: Path | None) -> list[Canary]:
    """The canaries of the command line and of a JSON list of texts or {label, text} objects.

    Raises: CanaryRefused, when one is too short to mean anything or the file is something else.
    """
    rows: list[Any] = [*texts, *(_rows(file) if file else [])]
    canaries = [_canary(number, row) for number, row in enumerate(rows, start=1)]
    for canary in canaries:
        if len(canary.text.encode(errors="surrogatepass")) < BYTES_MIN:
            message = f"{canary.label} is shorter than {BYTES_MIN} bytes"
            raise CanaryRefused(message)
    return canaries


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
    message = f"canary {number} is neither a text nor an object with a text"
    raise CanaryRefused(message)
