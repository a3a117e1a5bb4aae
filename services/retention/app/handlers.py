"""What staff and operators may have done: erase a record, or everything of a person."""

from dataclasses import dataclass
from uuid import UUID

from libs.events.handle import Desk
from libs.events.log import Answer, EventLog
from libs.keyring.keyring import Keyring
from services.retention.domain.erasure import ERASURE, STAFF, BeginErasure
from services.retention.domain.refusals import RecordUnknown


@dataclass(frozen=True, kw_only=True)
class StaffErasures:
    """Begins erasures that staff decided on."""

    desk: Desk
    log: EventLog
    keyring: Keyring

    async def of_record(self, record: UUID) -> tuple[UUID, ...]:
        """The record, when there is one.

        Raises: RecordUnknown, when neither a clock nor the keyring knows it.
        """
        if await self.log.load(record) or await self.keyring.records_with(record):
            return (record,)
        message = f"record {record} is not known: nothing was begun; check the id"
        raise RecordUnknown(message)

    async def of_subject(self, blind_index: bytes) -> tuple[UUID, ...]:
        """Every record of the person with this blind index; none when there is nobody."""
        return tuple(one.record for one in await self.keyring.records_of(blind_index))

    async def begin(
        self, erasure: UUID, records: tuple[UUID, ...], reason: str, answer: Answer
    ) -> None:
        """Begins the erasure; the keys go within moments, the owners answer after that."""
        command = BeginErasure(cause=f"{STAFF}: {reason}", records=records)
        await self.desk.begin(erasure, command, ERASURE, answer=answer)
