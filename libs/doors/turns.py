"""Lets what belongs together be handled one after another."""

import asyncio
from weakref import WeakValueDictionary

from starlette.types import ASGIApp, Receive, Scope, Send

HEADER = b"idempotency-key"


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


class SameKeyInTurn:
    """Requests with one Idempotency-Key are answered one after another.

    Why: repeats at once would each make a key for a record that never comes to be. Between
         processes the log decides, and only such keys are left over.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app
        self._turns = Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in when no other with its key is under way."""
        key = _key_of(scope) if scope["type"] == "http" else None
        if key is None:
            await self._app(scope, receive, send)
            return
        async with self._turns.of(key):
            await self._app(scope, receive, send)


def _key_of(scope: Scope) -> bytes | None:
    return next((value for name, value in scope["headers"] if name == HEADER), None)
