"""An event log in a list, which keeps the promises of the real one."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from libs.events.errors import Conflict
from libs.events.log import AlreadyAnswered, Answer, Append, Checkpoint, Stretch, next_version
from libs.events.recorded import Recorded


class MemoryLog:
    """Keeps facts in memory, in the order they came."""

    def __init__(self) -> None:
        """Begin empty."""
        self.facts: list[Recorded] = []
        self.answers: dict[tuple[str, bytes], Answer] = {}

    async def load(self, record: UUID) -> list[Recorded]:
        """All facts of a record, oldest first."""
        return [fact for fact in self.facts if fact.record == record]

    async def find_unknown(self, records: Collection[UUID]) -> set[UUID]:
        """Those of these records that have no fact."""
        return set(records) - {fact.record for fact in self.facts}

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Keep the facts and the answer together, or neither."""
        if (
            append.recorded
            and next_version(await self.load(append.record)) != append.expected_version
        ):
            message = "someone was faster"
            raise Conflict(message)
        self._keep_answer(append.answer)
        return self._keep(append.recorded)

    async def append_each(self, appends: Sequence[Append]) -> list[tuple[Recorded, ...] | Conflict]:
        """Keep each by itself, or say that it came too late."""
        ended: list[tuple[Recorded, ...] | Conflict] = []
        for one in appends:
            try:
                ended.append(await self.append(one))
            except Conflict as late:
                ended.append(late)
        return ended

    def _keep_answer(self, answer: Answer | None) -> None:
        if answer is None:
            return
        key = (answer.scope, answer.key_hash)
        if key in self.answers:
            raise AlreadyAnswered
        self.answers[key] = answer

    def _keep(self, recorded: Sequence[Recorded]) -> tuple[Recorded, ...]:
        first = len(self.facts) + 1
        kept = tuple(
            msgspec.structs.replace(fact, position=first + at) for at, fact in enumerate(recorded)
        )
        self.facts.extend(kept)
        return kept

    async def read_onward(self, after: Checkpoint) -> Stretch:
        """The facts kept since the checkpoint."""
        fresh = tuple(self.facts[after.transaction :])
        return Stretch(fresh, Checkpoint(transaction=len(self.facts)))
