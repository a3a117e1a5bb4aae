"""The little that libs and stores ask of a database connection; asyncpg's fits by shape."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol


class Connection(Protocol):
    """Runs statements with positional arguments, inside the transaction that is open."""

    async def execute(self, query: str, *args: Any) -> str:
        """Run it and give the command tag."""
        ...

    async def executemany(self, command: str, args: Any) -> None:
        """Run it once per row of arguments."""
        ...

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """All rows."""
        ...

    async def fetchrow(self, query: str, *args: Any) -> Any:
        """The first row, or none."""
        ...

    async def fetchval(self, query: str, *args: Any) -> Any:
        """The first value of the first row, or none."""
        ...

    def transaction(self, **options: Any) -> AbstractAsyncContextManager[Any]:
        """A transaction, or a savepoint inside one."""
        ...

    def terminate(self) -> None:
        """End the session at once, with every lock it holds."""
        ...


class Pool(Protocol):
    """Lends connections."""

    def acquire(self) -> AbstractAsyncContextManager[Any]:
        """A connection for the length of the block."""
        ...

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """All rows, on any connection."""
        ...

    async def fetchrow(self, query: str, *args: Any) -> Any:
        """The first row, on any connection."""
        ...

    async def fetchval(self, query: str, *args: Any) -> Any:
        """The first value, on any connection."""
        ...

    async def execute(self, query: str, *args: Any) -> str:
        """Run it on any connection."""
        ...


Rows = Sequence[Any]
