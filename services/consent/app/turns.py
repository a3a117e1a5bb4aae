"""Lets the choices of one visitor be handled one after another."""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A lock per visitor, gone when nobody holds it.

    Why: two first choices of one visitor at once would begin two records. Between processes the
    keyring decides: the newest record is the visitor's.
    """

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    def of(self, visitor: bytes) -> asyncio.Lock:
        """The lock of the visitor with this blind index."""
        lock = self._locks.get(visitor)
        if lock is None:
            lock = self._locks[visitor] = asyncio.Lock()
        return lock
