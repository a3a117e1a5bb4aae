"""What was answered before, looked up for all requests that come together at once."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

from libs.events.database import Pool
from libs.events.gathering import Gathering
from libs.events.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
AT_ONCE_MAX = 200
Key = tuple[str, bytes]


class EarlierAnswers:
    """The answers that one service has kept."""

    def __init__(self, pool: Pool) -> None:
        """Look them up in this pool's database."""
        self._pool = pool
        self._asking = Gathering[Key, Any](self._find, size_max=AT_ONCE_MAX)

    async def find(self, scope: str, key_hash: bytes) -> Any:
        """Fingerprint, status and body of the answer under this key, or none."""
        key = (scope, key_hash)
        return await self._asking.ask(key, key)

    async def _find(self, asked: Mapping[Hashable, Key]) -> Mapping[Hashable, Any]:
        columns = [list(column) for column in zip(*asked.values(), strict=True)]
        rows = await self._pool.fetch(QUERIES["find_answers"], *columns)
        found = {(row["scope"], row["key_hash"]): row for row in rows}
        return {key: found.get(key) for key in asked.values()}
