"""The one path by which records go: every cause ends here.

    a rights request ─┐
    a term that ended ─┤
    a hold released  ─┼─► ErasureBegun ─► the keyring destroys ─► RecordErased, RecordHeld
    a staff decision ─┤                          │                        └─► the journal
    a key unused     ─┘                          │
                                  every owner answers RecordScrubbed ─► ErasureCompleted

Each step is an effect of the fact before it, idempotent and tried until it succeeds.
Source: D9.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.events.clock import Clock
from libs.events.handle import Desk
from libs.events.log import EventLog
from libs.events.recorded import Recorded
from libs.events.values import Category, Owner
from libs.events.vocabulary.retention import (
    ErasedPart,
    HeldPart,
    RecordDue,
    RecordErased,
    RecordHeld,
)
from libs.keyring.journal import Erased
from libs.keyring.journaling import Journaling
from libs.keyring.keyring import Keyring
from libs.keyring.openings import DestroyOutcome
from services.retention.app.certificate import CertificateContent, Certifier, statement
from services.retention.app.ports import ErasureFacts
from services.retention.domain.clock import CLOCK, Gone, Kept, NoteDestruction
from services.retention.domain.erasure import (
    ERASURE,
    TERM,
    BeginErasure,
    CompleteErasure,
    Erasure,
    NoteAnswer,
    waiting_for,
)

RECIPIENTS_TOLD: tuple[str, ...] = ()
"""No recipient is told yet: what left our hands is not followed before the register of copies."""

RECORDS_AT_ONCE = 500
"""How many records of an erasure share a call of the keyring, a line of locks and a commit."""


@dataclass(frozen=True)
class PolicyStamp:
    """Under which version of the policy a certificate is signed."""

    version: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Eraser:
    """Carries erasures out, step by step."""

    log: EventLog
    facts: ErasureFacts
    desk: Desk
    keyring: Keyring
    journaling: Journaling
    clock: Clock
    certifier: Certifier
    policy: PolicyStamp

    async def begin_erasure(self, due: Recorded) -> None:
        """Begins the erasure of a record whose term ended; nothing while a hold stands.

        Shape: the erasure's id is that of the fact that caused it, so it begins once.
        """
        if await self._stands_held(due):
            return
        command = BeginErasure(cause=TERM, records=(due.record,))
        await self.desk.handle(due.event_id, command, ERASURE)

    async def _stands_held(self, due: Recorded) -> bool:
        """Whether the fact told the end of a hold, which is its owner's to release."""
        history = await self.log.load(due.record)
        clock = CLOCK.fold(one.event for one in history if one.version <= due.version)
        assert isinstance(due.event, RecordDue)  # noqa: S101 - wired by type
        return clock.is_held(due.event.category)

    async def destroy_keys(self, begun: Recorded) -> None:
        """Has the keyring destroy what no hold keeps, many records at once, and notes what it did.

        Shape: run again, it goes on where it stopped; nothing is noted twice. Each answer owes the
               look at whether it was the last; where nobody has to answer, the erasure ends here.
        Raises: KeyringUnavailable, when the keyring is away: nothing is lost, try again.
        """
        story = await self.log.load(begun.record)
        erasure = ERASURE.fold(one.event for one in story)
        left = [one for one in erasure.records if (one, Owner.RETENTION) not in erasure.answers]
        for at in range(0, len(left), RECORDS_AT_ONCE):
            records = tuple(left[at : at + RECORDS_AT_ONCE])
            await self._destroy(begun.record, erasure.cause, records)
            answer = {begun.record: NoteAnswer(records=records, owner=Owner.RETENTION)}
            told = await self.desk.handle_each(answer, {begun.record: story}, ERASURE)
            story = [*story, *told[begun.record]]
        if not erasure.records:
            await self.complete_erasure(begun)

    async def _destroy(self, erasure: UUID, cause: str, records: tuple[UUID, ...]) -> None:
        """Asks the keyring until its answer is noted, and never again.

        Why: a hold that was met and noted may be released before this ends; what it kept goes by an
             erasure of its own, because this one's owners have perhaps answered already.
        """
        stories = await self.facts.of_records(records)
        left = [one for one in records if not _noted_by(erasure, stories.get(one, ()))]
        if left:
            outcomes = await self.keyring.destroy_all(left, erasure=erasure, at=self.clock.now())
            stories |= await self._note(erasure, cause, outcomes, stories)
        await self._journal(erasure, stories)

    async def _note(
        self,
        erasure: UUID,
        cause: str,
        outcomes: Mapping[UUID, DestroyOutcome],
        stories: Mapping[UUID, Sequence[Recorded]],
    ) -> dict[UUID, list[Recorded]]:
        """Notes what the keyring did, and gives what stands in the log now of these records.

        Why: where no fact followed someone else has noted it; what they noted goes to the journal.
        """
        commands = {one: _noted(erasure, cause, did) for one, did in outcomes.items()}
        noted = await self.desk.handle_each(commands, stories, CLOCK)
        by_others = [record for record, facts in noted.items() if not facts]
        found = await self.facts.of_records(by_others) if by_others else {}
        return {record: list(facts) for record, facts in noted.items() if facts} | found

    async def _journal(self, erasure: UUID, stories: Mapping[UUID, Sequence[Recorded]]) -> None:
        """Notes what this erasure destroyed of the records outside the databases.

        Why: retention's own answer follows this, so no erasure is completed whose lines are not in
        the journal, and no restored backup brings back what was confirmed to be gone.
        """
        lines = [
            _journaled(one, one.event)
            for story in stories.values()
            for one in _noted_by(erasure, story)
            if isinstance(one.event, RecordErased)
        ]
        if lines:
            await self.journaling.note(*lines)

    async def complete_erasure(self, fact: Recorded) -> None:
        """Completes the erasure that a fact belongs to, when the last answer is in.

        Shape: nothing while an answer is missing, and nothing the second time; where a later
               answer stands in the log, that one looks.
        """
        if await self.facts.has_later_answer(fact):
            return
        history = await self.log.load(fact.record)
        erasure = ERASURE.fold(one.event for one in history)
        if erasure.completed or _open_answers(erasure, frozenset()):
            return
        erased, held = await self._outcome(fact.record, erasure)
        if _open_answers(erasure, frozenset(part.record for part in erased)):
            return
        command = self._certified(history[0], erasure, erased, held)
        await self.desk.handle_each({fact.record: command}, {fact.record: history}, ERASURE)

    async def _outcome(
        self, erasure_id: UUID, erasure: Erasure
    ) -> tuple[tuple[ErasedPart, ...], tuple[HeldPart, ...]]:
        """What the records' own clocks say that this erasure did.

        Why: retention's answer for a record follows these facts, so once it is there they are.
        """
        stories = await self.facts.of_records(erasure.records)
        erased: list[ErasedPart] = []
        held: list[HeldPart] = []
        for record in erasure.records:
            for one in _noted_by(erasure_id, stories.get(record, ())):
                if isinstance(one.event, RecordErased):
                    erased.extend(_erased_parts(record, one.event))
                if isinstance(one.event, RecordHeld):
                    held.append(_held_part(record, one.event))
        return tuple(erased), tuple(held)

    def _certified(
        self,
        begun: Recorded,
        erasure: Erasure,
        erased: tuple[ErasedPart, ...],
        held: tuple[HeldPart, ...],
    ) -> CompleteErasure:
        completed_at = self.clock.now()
        content = CertificateContent(
            erasure=begun.record,
            cause=erasure.cause,
            request=erasure.request,
            begun_at=begun.recorded_at,
            completed_at=completed_at,
            policy_version=self.policy.version,
            policy_digest=self.policy.digest,
            erased=erased,
            held=held,
            recipients_told=RECIPIENTS_TOLD,
            statement=statement(erased, held),
        )
        return CompleteErasure(
            erased=erased,
            held=held,
            recipients_told=RECIPIENTS_TOLD,
            completed_at=completed_at,
            certificate=self.certifier.sign(content),
        )


def _noted_by(erasure: UUID, story: Iterable[Recorded]) -> list[Recorded]:
    return [
        one
        for one in story
        if isinstance(one.event, RecordErased | RecordHeld) and one.event.erasure == erasure
    ]


def _open_answers(erasure: Erasure, lost_a_key: frozenset[UUID]) -> bool:
    return bool(waiting_for(erasure.records, erasure.answers, lost_a_key))


def _noted(erasure: UUID, cause: str, outcome: DestroyOutcome) -> NoteDestruction:
    """What this erasure is to note: what another one destroyed is that one's to tell."""
    gone = tuple(
        Gone(category=Category(one.category), at=one.at)
        for one in outcome.destroyed
        if one.erasure == erasure
    )
    kept = tuple(
        Kept(
            category=Category(one.category),
            reason=one.reason,
            basis=one.basis,
            until_on=one.until_on,
        )
        for one in outcome.held
    )
    return NoteDestruction(erasure=erasure, cause=cause, gone=gone, kept=kept)


def _journaled(fact: Recorded, event: RecordErased) -> Erased:
    return Erased(
        event=fact.event_id,
        erasure=event.erasure,
        record=fact.record,
        categories=tuple(map(str, event.categories)),
        unreadable_since=event.unreadable_since,
    )


def _erased_parts(record: UUID, event: RecordErased) -> list[ErasedPart]:
    return [
        ErasedPart(record=record, category=category, unreadable_since=event.unreadable_since)
        for category in event.categories
    ]


def _held_part(record: UUID, event: RecordHeld) -> HeldPart:
    return HeldPart(
        record=record,
        category=event.category,
        reason=event.reason,
        basis=event.basis,
        until_on=event.until_on,
    )
