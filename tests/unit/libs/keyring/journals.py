"""Journals for tests: facts to note, and a journal of some of them in a file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from libs.keyring.journal import Erased, Head, Journal

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fact(number: int, *categories: str) -> Erased:
    """The fact that keys of the record with this number were destroyed."""
    return Erased(
        event=UUID(int=number),
        erasure=UUID(int=9000 + number),
        record=UUID(int=100 + number),
        categories=categories or ("quote",),
        unreadable_since=AT + timedelta(minutes=number),
    )


def written(path: Path, count: int) -> list[Head]:
    """A journal of so many facts at the path; its head after each."""
    journal = Journal(path)
    return [journal.append(fact(number), written_at=AT) for number in range(1, count + 1)]
