"""Lets what belongs together be handled one after another."""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A lock per name, gone when nobody holds it; in one process only."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    def of(self, name: bytes) -> asyncio.Lock:
        """The lock of this name."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock
