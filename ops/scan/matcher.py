"""Many patterns looked for at once, in buffers, streams and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from ahocorasick_rs import BytesAhoCorasick, Implementation

from ops.scan.canaries import Canary
from ops.scan.encodings import forms, forms_of_key

CHUNK_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Pattern:
    """Bytes to look for: whose canary, by its place in the list, and in which encoding."""

    form: bytes
    canary: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern, by its place in the list, and where it begins."""

    offset: int
    pattern: int


def patterns_of(canaries: Sequence[Canary]) -> list[Pattern]:
    """Every form of every canary, each form once."""
    found: dict[bytes, Pattern] = {}
    for number, canary in enumerate(canaries):
        written = forms_of_key(canary.key) if canary.key else forms(canary.text)
        for encoding, form in written:
            found.setdefault(form, Pattern(form, number, encoding))
    return list(found.values())


class Matcher:
    """Finds every pattern wherever it begins, also inside another."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Build the automaton once."""
        # The contiguous NFA needs a tenth of a DFA's memory and reads 150 MB/s: enough for us.
        self._automaton = BytesAhoCorasick(
            [one.form for one in patterns], implementation=Implementation.ContiguousNFA
        )
        self.reach = max((len(one.form) for one in patterns), default=1) - 1

    def search(self, data: bytes | memoryview) -> list[Match]:
        """The matches in a buffer."""
        found = self._automaton.find_matches_as_indexes(data, overlapping=True)
        return [Match(start, pattern) for pattern, start, _ in found]

    def search_after(self, window: bytes, *, already: int) -> list[Match]:
        """The matches in a window that do not lie wholly in its first bytes, searched already."""
        found = self._automaton.find_matches_as_indexes(window, overlapping=True)
        return [Match(start, pattern) for pattern, start, end in found if end > already]

    def search_file(self, file: BinaryIO, *, start: int, length: int) -> list[Match]:
        """The matches that begin in a stretch of a file; reads on as far as they reach."""
        end, found = start + length, list[Match]()
        file.seek(start)
        carried, base = b"", start
        while base < end:
            window = carried + file.read(CHUNK_BYTES)
            last = len(window) - len(carried) < CHUNK_BYTES
            limit = min(end - base, len(window) if last else len(window) - self.reach)
            found += [
                Match(base + one.offset, one.pattern)
                for one in self.search(window)
                if one.offset < limit
            ]
            if last:
                break
            carried, base = window[limit:], base + limit
        return found
