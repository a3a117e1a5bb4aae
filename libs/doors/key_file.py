"""Keys that are changed while the doors are open: the newest signs, older ones hold for a while.

Shape: one key after another, the newest first; each older one has `until` and a moment before it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

Key = TypeVar("Key")
_UNTIL = re.compile(r"^until (\S+)$", re.MULTILINE)
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)
_HEX = re.compile(r"^[0-9a-f]+$", re.MULTILINE)


@dataclass(frozen=True)
class Trusted(Generic[Key]):
    """The key that signs, and those that signed until lately, each with its end."""

    current: Key
    former: Sequence[tuple[Key, datetime]] = ()

    def at(self, now: datetime) -> Iterator[Key]:
        """The keys that are trusted at a moment, the newest first."""
        yield self.current
        yield from (key for key, until in self.former if now < until)


class KeyFile(Generic[Key]):
    """The keys in a file, read again when the file was replaced, so that nothing is restarted."""

    def __init__(self, path: Path, make: Callable[[str], Key]) -> None:
        """Read it.

        Raises: FileNotFoundError, when the setup has not made it; ValueError, when it is no keys.
        """
        self._path = path
        self._make = make
        self._seen = self._mark()
        self._trusted = self._read()

    def __call__(self) -> Trusted[Key]:
        """The keys as they are now.

        Raises: OSError, when the file is gone; ValueError, when it was replaced by something else.
        """
        mark = self._mark()
        if mark != self._seen:
            self._trusted, self._seen = self._read(), mark
        return self._trusted

    def _mark(self) -> tuple[int, int]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_ino

    def _read(self) -> Trusted[Key]:
        (newest, _), *older = split_keys(self._path.read_text(encoding="ascii"))
        former = [(self._make(key), until) for key, until in older if until is not None]
        return Trusted(self._make(newest), tuple(former))


def split_keys(text: str) -> list[tuple[str, datetime | None]]:
    """Each key of a file as it is written, and until when it holds; the newest has no end.

    Raises: ValueError, when there is none.
    """
    written = _PEM if "BEGIN" in text else _HEX
    found, at = [], 0
    for key in written.finditer(text):
        until = _UNTIL.search(text, at, key.start())
        found.append((key[0], datetime.fromisoformat(until[1]) if until else None))
        at = key.end()
    if not found:
        message = "the file holds no key"
        raise ValueError(message)
    return found


def with_new_key(text: str, fresh: str, *, now: datetime, until: datetime) -> str:
    """The file with a new key before the others, none of which holds longer than `until`.

    Shape: one that ends earlier keeps its end; what has ended is left out.
    """
    found = split_keys(text)
    kept = [(key, min(end or until, until)) for key, end in found if end is None or now < end]
    older = (f"until {end.isoformat()}\n{key}\n" for key, end in kept)
    return f"{fresh.strip()}\n" + "".join(older)
