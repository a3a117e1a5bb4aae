"""The facts of erasures out of a log that is small enough to be read whole."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from libs.events.log import EventLog
from libs.events.recorded import Recorded
from libs.events.vocabulary.retention import OwnerScrubbed


@dataclass(frozen=True)
class WholeStories:
    """Answers what retention asks of its log by reading everything."""

    log: EventLog

    async def of_records(self, records: Collection[UUID]) -> dict[UUID, list[Recorded]]:
        """Every fact of the records that have any."""
        stories = {record: await self.log.load(record) for record in records}
        return {record: story for record, story in stories.items() if story}

    async def has_later_answer(self, fact: Recorded) -> bool:
        """Whether an owner's answer to the same erasure stands behind this fact."""
        return any(
            isinstance(one.event, OwnerScrubbed) and one.version > fact.version
            for one in await self.log.load(fact.record)
        )
