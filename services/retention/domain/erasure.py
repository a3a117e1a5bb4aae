"""One erasure, from its cause to its certificate: who still has to answer, and when it is done.

The stream's record id is the erasure's id. Retention itself is the first to answer for a record:
its answer means that the keyring was asked and that what it did stands in the record's clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.values import Owner
from libs.events.vocabulary.retention import (
    ErasedPart,
    ErasureBegun,
    ErasureCompleted,
    HeldPart,
    OwnerScrubbed,
)
from services.retention.domain.refusals import ErasureUnknown, RecordNotOfErasure

OWNERS = (Owner.QUOTES, Owner.CONSENT, Owner.BILLING)
"""Who answers for every record that lost a key, also when they kept nothing of it."""

REQUEST = "request"
TERM = "term"
STAFF = "staff"
POLICY = "policy"
RESTORED = "restored"
ABANDONED = "abandoned"

# ── What may be asked ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class BeginErasure:
    """These records are to go, for this cause, perhaps because of a rights request."""

    cause: str
    records: tuple[UUID, ...]
    request: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class NoteAnswer:
    """An owner has done its part for these records."""

    records: tuple[UUID, ...]
    owner: Owner


@dataclass(frozen=True, kw_only=True)
class CompleteErasure:
    """What went and what stays, and the certificate that says so."""

    erased: tuple[ErasedPart, ...]
    held: tuple[HeldPart, ...]
    recipients_told: tuple[str, ...]
    completed_at: datetime
    certificate: str


Command = BeginErasure | NoteAnswer | CompleteErasure

# ── What an erasure remembers ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Erasure:
    """How far an erasure has come."""

    begun: bool = False
    cause: str = ""
    request: UUID | None = None
    records: tuple[UUID, ...] = ()
    answers: frozenset[tuple[UUID, Owner]] = frozenset()
    completed: bool = False


def evolve(erasure: Erasure, event: Event) -> Erasure:
    """The erasure after a fact."""
    match event:
        case ErasureBegun():
            return replace(
                erasure,
                begun=True,
                cause=event.cause,
                request=event.request,
                records=event.records,
            )
        case OwnerScrubbed():
            return replace(erasure, answers=erasure.answers | {(event.record, event.owner)})
        case ErasureCompleted():
            return replace(erasure, completed=True)
    return erasure


def waiting_for(
    records: tuple[UUID, ...],
    answers: frozenset[tuple[UUID, Owner]],
    lost_a_key: frozenset[UUID],
) -> tuple[tuple[UUID, Owner], ...]:
    """The answers still to come: retention's for every record, the owners' where a key went.

    Shape: a record of which everything is held waits for nobody but retention.
    """
    return tuple(
        (record, owner)
        for record in records
        for owner in (Owner.RETENTION, *(OWNERS if record in lost_a_key else ()))
        if (record, owner) not in answers
    )


# ── What follows ─────────────────────────────────────────────────────────────────────────────────


def decide(command: Command, erasure: Erasure) -> tuple[Event, ...]:
    """What happens to an erasure when it is asked for something.

    Shape:  nothing when it is asked the same again, or asked to complete while answers are due.
    Raises: ErasureUnknown, RecordNotOfErasure.
    Source: D9.
    """
    match command:
        case BeginErasure():
            return _begin(command, erasure)
        case NoteAnswer():
            return _note(command, erasure)
        case CompleteErasure():
            return _complete(command, erasure)


def _begin(command: BeginErasure, erasure: Erasure) -> tuple[Event, ...]:
    if erasure.begun:
        return ()
    records = tuple(dict.fromkeys(command.records))
    return (ErasureBegun(cause=command.cause, request=command.request, records=records),)


def _note(command: NoteAnswer, erasure: Erasure) -> tuple[Event, ...]:
    if not erasure.begun:
        message = f"{command.owner} answered for {_named(command.records)}: no such erasure"
        raise ErasureUnknown(message)
    if others := set(command.records).difference(erasure.records):
        message = f"{command.owner} answered for {_named(sorted(others))} of another erasure"
        raise RecordNotOfErasure(message)
    return tuple(
        OwnerScrubbed(record=record, owner=command.owner)
        for record in command.records
        if (record, command.owner) not in erasure.answers
    )


def _named(records: Iterable[UUID]) -> str:
    return f"record {', '.join(map(str, records))}"


def _complete(command: CompleteErasure, erasure: Erasure) -> tuple[Event, ...]:
    lost_a_key = frozenset(part.record for part in command.erased)
    open_answers = waiting_for(erasure.records, erasure.answers, lost_a_key)
    if not erasure.begun or erasure.completed or open_answers:
        return ()
    return (
        ErasureCompleted(
            cause=erasure.cause,
            request=erasure.request,
            erased=command.erased,
            held=command.held,
            recipients_told=command.recipients_told,
            completed_at=command.completed_at,
            certificate=command.certificate,
        ),
    )


ERASURE: Decider[Command, Erasure] = Decider(initial=Erasure(), evolve=evolve, decide=decide)
