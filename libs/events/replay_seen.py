"""How far each record was read in a rebuild, and what was left out and why."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from libs.events.hearing import Aside, Reason
from libs.events.recorded import Recorded
from libs.events.replay_topic import Reading
from libs.events.replay_wanted import ReplayRefused, Scope

REPEAT = "repeat"


class Seen:
    """A repeat changes nothing, a gap is noticed, and what cannot be read is counted by reason."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._versions: dict[UUID, int] = {}
        self.left_out: Counter[str] = Counter()

    def fresh(self, readings: Sequence[Reading]) -> list[Recorded]:
        """Those facts not read before, in order.

        Raises: ReplayRefused, when a fact is missing before one of them.
        """
        facts = self._readable(readings)
        return [one for one in facts if self._is_next(one)]

    def fresh_within(self, readings: Sequence[Reading], scope: Scope) -> list[Recorded]:
        """Those facts of the scope not read before; a gap is counted, and refuses nothing.

        Why: a stretch of offsets begins in the middle of records.
        """
        facts = self._readable([one for one in readings if _is_within(one, scope)])
        return [one for one in facts if self._is_later(one, from_start=scope.is_whole)]

    def later(self, facts: Sequence[Recorded]) -> list[Recorded]:
        """Those facts of the log that lie beyond what was read; the others are no repeats.

        Raises: ReplayRefused, when a fact is missing before one of them.
        """
        beyond = [one for one in facts if one.version > self._versions.get(one.record, 0)]
        return self.fresh(beyond)

    def _readable(self, readings: Sequence[Reading]) -> list[Recorded]:
        self.left_out.update(one.reason.value for one in readings if isinstance(one, Aside))
        return [one for one in readings if isinstance(one, Recorded)]

    def _is_next(self, fact: Recorded) -> bool:
        last = self._versions.get(fact.record, 0)
        if fact.version > last + 1:
            message = (
                f"record {fact.record} jumps from version {last} to {fact.version} on the topic"
            )
            raise ReplayRefused(message)
        return self._is_later(fact, from_start=True)

    def _is_later(self, fact: Recorded, *, from_start: bool) -> bool:
        last = self._versions.get(fact.record, 0 if from_start else fact.version - 1)
        if fact.version <= last:
            self.left_out[REPEAT] += 1
            return False
        if fact.version > last + 1:
            self.left_out[Reason.GAP.value] += 1
        self._versions[fact.record] = fact.version
        return True


def _is_within(reading: Reading, scope: Scope) -> bool:
    """Whether it is of the record and the time meant; what cannot be dated is never hidden."""
    if scope.record is not None and reading.record != scope.record:
        return False
    if isinstance(reading, Aside):
        return True
    is_late = scope.until is not None and reading.recorded_at >= scope.until
    is_early = scope.since is not None and reading.recorded_at < scope.since
    return not is_late and not is_early
