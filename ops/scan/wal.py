"""What lies across two pages of the WAL, joined as it was before it was cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ops.scan.matcher import Match

PAGE_BYTES = 8192
PAGE_HEADER_BYTES = 24


@dataclass(frozen=True, slots=True)
class Seam:
    """The end of one page, then the beginning of the next, as they were before the cut."""

    offset: int
    joined: bytes
    before: int

    def crosses(self, match: Match) -> bool:
        """Whether something found lies on both sides (search with `already=before`)."""
        return match.offset < self.before


def seams(data: bytes, reach: int) -> Iterator[Seam]:
    """Every place where a record may go on behind a page's header.

    Why: a text in such a record is nowhere in one piece; searching the joins as well finds it.
    Source: PostgreSQL access/xlog_internal.h, XLogPageHeaderData.
    """
    for edge in range(PAGE_BYTES, len(data), PAGE_BYTES):
        begin, after = max(0, edge - reach), edge + PAGE_HEADER_BYTES
        yield Seam(begin, data[begin:edge] + data[after : after + reach], edge - begin)
