"""Named SQL: every statement lives in a `.sql` file and is called by its name."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_NAME = re.compile(r"^-- name: (?P<name>[a-z_0-9]+)\s*$", re.MULTILINE)


class Queries(Mapping[str, str]):
    """The statements of one `.sql` file, by name.

    Raises: KeyError that names the file, when no such statement is there.
    """

    def __init__(self, path: Path, statements: dict[str, str]) -> None:
        """Keep the statements read from `path`."""
        self._path = path
        self._statements = statements

    def __getitem__(self, name: str) -> str:
        """The statement of that name."""
        try:
            return self._statements[name]
        except KeyError:
            message = f"no query named {name} in {self._path.name}"
            raise KeyError(message) from None

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the file."""
        return iter(self._statements)

    def __len__(self) -> int:
        """How many statements the file holds."""
        return len(self._statements)


def load_queries(path: Path) -> Queries:
    """Reads the statements marked `-- name: verb_noun` from one file.

    Raises: ValueError, when a name stands twice.
    """
    pieces = _NAME.split(path.read_text(encoding="utf-8"))
    statements: dict[str, str] = {}
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        if name in statements:
            message = f"the query {name} stands twice in {path}"
            raise ValueError(message)
        statements[name] = text.strip().rstrip(";")
    return Queries(path, statements)
