"""Load, decide, seal, append; again, a bounded number of times, when someone was faster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from libs.events.clock import Clock
from libs.events.codec import encode_event
from libs.events.decider import Decider
from libs.events.errors import Conflict
from libs.events.event import Event
from libs.events.ids import Ids
from libs.events.log import Answer, Append, EventLog, next_version
from libs.events.recorded import Recorded
from libs.events.seal import seal_event
from libs.events.telemetry import current_traceparent
from libs.events.values import Owner

C = TypeVar("C")
S = TypeVar("S")
TRIES = 5
NO_SECRETS: Mapping[str, bytes] = {}


@dataclass(frozen=True)
class Stamp:
    """Puts facts into envelopes: ids, time, place in the record, cause, trace and seal."""

    owner: Owner
    clock: Clock
    ids: Ids

    def record(
        self,
        record: UUID,
        history: Sequence[Recorded],
        events: Sequence[Event],
        *,
        secrets: Mapping[str, bytes] = NO_SECRETS,
        cause: Recorded | None = None,
    ) -> tuple[Recorded, ...]:
        """The events as the next facts of the record, sealed.

        Raises: KeyError, when a part's category has no key among `secrets`.
        """
        first = next_version(history) + 1
        correlation_id = cause.correlation_id if cause else self.ids.new()
        return tuple(
            self._one(record, first + at, event, secrets, (correlation_id, cause))
            for at, event in enumerate(events)
        )

    def _one(
        self,
        record: UUID,
        version: int,
        event: Event,
        secrets: Mapping[str, bytes],
        why: tuple[UUID, Recorded | None],
    ) -> Recorded:
        event_id = self.ids.new()
        sealed = seal_event(event, event_id=event_id, record=record, secrets=secrets)
        correlation_id, cause = why
        return Recorded(
            event_id=event_id,
            owner=self.owner,
            record=record,
            version=version,
            event=sealed,
            schema_version=type(event).version,
            recorded_at=self.clock.now(),
            correlation_id=correlation_id,
            causation_id=cause.event_id if cause else None,
            traceparent=current_traceparent() or (cause.traceparent if cause else None),
            data=encode_event(sealed),
        )


@dataclass(frozen=True)
class Desk:
    """Where commands are handled: one record at a time, against the log."""

    log: EventLog
    stamp: Stamp

    async def handle(
        self,
        record: UUID,
        command: C,
        decider: Decider[C, S],
        *,
        secrets: Mapping[str, bytes] = NO_SECRETS,
        answer: Answer | None = None,
    ) -> tuple[Recorded, ...]:
        """The facts that followed from the command; none when nothing was left to do.

        Shape: an answer is kept even when no fact follows.
        Raises: Refused from the decider; Conflict, when others were faster five times.
        """
        for _ in range(TRIES - 1):
            history = await self.log.load(record)
            try:
                return await self._decide(_Told(record, history, secrets, answer), command, decider)
            except Conflict:
                continue
        history = await self.log.load(record)
        return await self._decide(_Told(record, history, secrets, answer), command, decider)

    async def begin(
        self,
        record: UUID,
        command: C,
        decider: Decider[C, S],
        *,
        secrets: Mapping[str, bytes] = NO_SECRETS,
        answer: Answer | None = None,
    ) -> tuple[Recorded, ...]:
        """The first facts of a record that was named just now: nothing is read for it.

        Shape: should it have facts already, it is handled as any other.
        Raises: as `handle` does.
        """
        try:
            return await self._decide(_Told(record, (), secrets, answer), command, decider)
        except Conflict:
            return await self.handle(record, command, decider, secrets=secrets, answer=answer)

    async def handle_each(
        self,
        commands: Mapping[UUID, C],
        histories: Mapping[UUID, Sequence[Recorded]],
        decider: Decider[C, S],
    ) -> dict[UUID, tuple[Recorded, ...]]:
        """By record the facts that followed from its command, on histories that were read just now.

        Shape: a history holds the newest fact, and those of the older ones that the command turns
               on; where someone was faster, the command is handled as any other.
        Raises: as `handle` does; what the others came to is kept all the same.
        """
        told = (_Told(one, histories.get(one, ()), NO_SECRETS, None) for one in commands)
        appends = [self._append(one, commands[one.record], decider) for one in told]
        kept = await self.log.append_each([one for one in appends if one.recorded])
        facts = {one.record: () for one in appends} | {
            append.record: one
            for append, one in zip((one for one in appends if one.recorded), kept, strict=True)
        }
        return {
            record: await self.handle(record, commands[record], decider)
            if isinstance(one, Conflict)
            else one
            for record, one in facts.items()
        }

    async def _decide(
        self, told: "_Told", command: C, decider: Decider[C, S]
    ) -> tuple[Recorded, ...]:
        append = self._append(told, command, decider)
        return await self.log.append(append) if append.recorded or told.answer else ()

    def _append(self, told: "_Told", command: C, decider: Decider[C, S]) -> Append:
        events = decider.decide(command, decider.fold(one.event for one in told.history))
        return Append(
            record=told.record,
            expected_version=next_version(told.history),
            recorded=self.stamp.record(told.record, told.history, events, secrets=told.secrets),
            answer=told.answer,
        )


@dataclass(frozen=True)
class _Told:
    """What a command is decided on and kept with."""

    record: UUID
    history: Sequence[Recorded]
    secrets: Mapping[str, bytes]
    answer: Answer | None
