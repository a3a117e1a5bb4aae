"""The only sources of chance: real ids, and counted ones for tests."""

from typing import Protocol
from uuid import UUID

import uuid_utils


class Ids(Protocol):
    """Gives ids that nobody has had before."""

    def new(self) -> UUID:
        """A new id, later than those before it (UUIDv7).

        Source: RFC 9562 §5.7.
        """
        ...


class RealIds:
    """Time-ordered random ids; never derived from a person."""

    def new(self) -> UUID:
        """A new UUIDv7."""
        return UUID(int=uuid_utils.uuid7().int)


class CountedIds:
    """Ids that count up from one, the same in every run."""

    def __init__(self, start: int = 1) -> None:
        """Begin at `start`."""
        self._next = start

    def new(self) -> UUID:
        """The next id in the row."""
        number, self._next = self._next, self._next + 1
        return UUID(int=(7 << 76) | (2 << 62) | number)
