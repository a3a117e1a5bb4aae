"""What a process remembers of keys: few, for a minute at most, and none that was revoked."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from libs.keyring.keys import DataKey
from libs.keyring.openings import Shredded

CEILING_SECONDS = 60.0
"""The longest a destroyed key may stay readable when the broadcast of its end is lost."""
RECORDS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment before a question to the keyring: what it answers is as old as this."""

    revocations: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Kept:
    value: DataKey | Shredded
    seconds: float


class KeyCache:
    """Remembers keys and shredded answers by record, the least used forgotten first.

    Units: `monotonic` gives seconds that never go back.
    Source: P27; D8.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        ceiling_seconds: float = CEILING_SECONDS,
        records_max: int = RECORDS_MAX,
    ) -> None:
        """Start with nothing remembered."""
        self._monotonic = monotonic
        self._ceiling_seconds = ceiling_seconds
        self._records_max = records_max
        self._revocations = 0
        self._records: OrderedDict[UUID, dict[str, _Kept]] = OrderedDict()
        self._by_age: deque[tuple[float, UUID]] = deque()

    def mark(self) -> Mark:
        """To be taken before asking the keyring, and handed to `put` with its answer."""
        return Mark(self._revocations, self._monotonic())

    def get(self, record: UUID, category: str) -> DataKey | Shredded | None:
        """What is remembered, or nothing when it is unknown or too old."""
        kept = self._records.get(record, {}).get(category)
        if kept is None or self._is_past(kept.seconds):
            return None
        self._records.move_to_end(record)
        return kept.value

    def put(self, record: UUID, category: str, value: DataKey | Shredded, mark: Mark) -> None:
        """Remember an answer to a question asked at `mark`.

        Why: an answer read before a revocation and arriving after it would bring the key back.
        """
        if mark.revocations != self._revocations:
            return
        self._records.setdefault(record, {})[category] = _Kept(value, mark.seconds)
        self._records.move_to_end(record)
        self._by_age.append((mark.seconds, record))
        if len(self._records) > self._records_max:
            self._records.popitem(last=False)

    def revoke(self, record: UUID) -> None:
        """Forget everything about a record at once."""
        self._revocations += 1
        self._records.pop(record, None)

    def expire(self) -> None:
        """Forget what is too old, so that it does not stay in memory unasked for.

        Why: only what is old is looked at; walking over thousands of young keys held everyone up.
        """
        while self._by_age and self._is_past(self._by_age[0][0]):
            _, record = self._by_age.popleft()
            kept = self._records.get(record, {})
            young = {name: one for name, one in kept.items() if not self._is_past(one.seconds)}
            if young:
                self._records[record] = young
            else:
                self._records.pop(record, None)

    def __len__(self) -> int:
        """How many records are remembered."""
        return len(self._records)

    def _is_past(self, seconds: float) -> bool:
        return self._monotonic() - seconds >= self._ceiling_seconds
