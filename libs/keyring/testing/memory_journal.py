"""A journal in memory, and its mark, for tests that are not about files."""

from collections.abc import Sequence

from libs.keyring.journal import NOTHING, Entry, Erased, Head


class MemoryJournaling:
    """Remembers what was noted, each fact once; `is_full` lets it fail as a full disk does."""

    def __init__(self) -> None:
        """Nothing is noted yet."""
        self.noted: list[Erased] = []
        self.is_full = False

    async def catch_up(self) -> None:
        """Nothing to do."""

    async def note(self, *erased: Erased) -> None:
        """Remember the facts."""
        if self.is_full:
            raise OSError("the disk is full")
        known = {one.event for one in self.noted}
        self.noted.extend(one for one in erased if one.event not in known)


class MemoryMark:
    """A mark and the places that are destroyed, without a database."""

    def __init__(self) -> None:
        """Nothing was seen and nothing destroyed."""
        self.head = NOTHING
        self.fenced: set[tuple[object, str]] = set()

    async def read(self) -> Head:
        """Up to which line everything is fenced."""
        return self.head

    async def move(self, head: Head) -> None:
        """Everything up to there is fenced."""
        self.head = max(self.head, head, key=lambda one: one.entries)

    async def count_unfenced(self, entries: Sequence[Entry]) -> int:
        """How many of these lines name a category that was not destroyed here."""
        return sum(not self._has(one) for one in entries)

    async def destroy_again(self, entry: Entry) -> None:
        """Destroy what a line says."""
        self.fenced |= {(entry.record, category) for category in entry.categories}

    def _has(self, entry: Entry) -> bool:
        return all((entry.record, category) in self.fenced for category in entry.categories)
