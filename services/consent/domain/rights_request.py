"""One rights request: received, confirmed by the mailed link, carried out, answered."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import singledispatch
from uuid import UUID

from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.personal import Personal
from libs.events.values import Category
from libs.events.vocabulary.consent import (
    ErasureRequested,
    Requester,
    RightsRequestAnswered,
    RightsRequestCarriedOut,
    RightsRequestReceived,
)
from libs.events.vocabulary.retention import ErasedPart, HeldPart
from libs.events.vocabulary.scrubbing import RecordAbandoned, RecordScrubbed
from libs.policy.calendar import Months, add_months, end_of_day_at, local_date
from services.consent.domain.refusals import (
    NoSuchRequest,
    RequestAlreadyConfirmed,
    RequestClosed,
    RequestLate,
)


class Right(StrEnum):
    """The rights that can be used here."""

    ERASURE = "erasure"


class Stage(StrEnum):
    """How far a request has come."""

    UNKNOWN = "unknown"
    RECEIVED = "received"
    CONFIRMED = "confirmed"
    CARRIED_OUT = "carried_out"
    ANSWERED = "answered"


@dataclass(frozen=True, kw_only=True)
class Receive:
    """Somebody asks, from this address; whether they are known plays no part."""

    right: Right
    language: str
    requester: Requester
    at: datetime
    answer_within: Months


@dataclass(frozen=True, kw_only=True)
class Confirm:
    """The link that was mailed to the address was used."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class CarryOut:
    """The erasure that followed from the request is complete."""

    erasure: UUID
    completed_at: datetime
    erased: tuple[ErasedPart, ...]
    held: tuple[HeldPart, ...]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The person was told, or cannot be told any more because the address is erased."""

    told: bool


Command = Receive | Confirm | CarryOut | Answer


@dataclass(frozen=True, kw_only=True)
class RightsRequest:
    """A request so far."""

    stage: Stage = Stage.UNKNOWN
    received: RightsRequestReceived | None = None
    done: RightsRequestCarriedOut | None = None
    erased: bool = False


def evolve(state: RightsRequest, event: Event) -> RightsRequest:
    """The request after a fact of its record."""
    if isinstance(event, RightsRequestReceived):
        return replace(state, stage=Stage.RECEIVED, received=event)
    if isinstance(event, ErasureRequested):
        return replace(state, stage=Stage.CONFIRMED)
    if isinstance(event, RightsRequestCarriedOut):
        return replace(state, stage=Stage.CARRIED_OUT, done=event)
    if isinstance(event, RightsRequestAnswered):
        return replace(state, stage=Stage.ANSWERED)
    return replace(state, erased=True) if _is_gone_after(event) else state


def _is_gone_after(event: Event) -> bool:
    """Whether the address behind the request is erased, or its key let go before it was kept."""
    if isinstance(event, RecordScrubbed):
        return Category.RIGHTS_REQUEST in event.categories
    return isinstance(event, RecordAbandoned)


def due_on(received_at: datetime, answer_within: Months) -> date:
    """The last day on which an answer is in time, counted from receipt.

    Source: GDPR art. 12(3); clause 6.requests.
    """
    return add_months(local_date(received_at), answer_within)


def outcome_of(done: RightsRequestCarriedOut) -> str:
    """The outcome in one word: `erased`, `held_in_part` or `nothing_kept`."""
    if done.held:
        return "held_in_part"
    return "erased" if done.erased else "nothing_kept"


@singledispatch
def _decide(command: object, state: RightsRequest) -> tuple[Event, ...]:
    raise NotImplementedError(command, state)


def decide(command: Command, state: RightsRequest) -> tuple[Event, ...]:
    """What follows when a request is made, confirmed, carried out or answered.

    Shape:  a repeated receipt, outcome or answer gives nothing; a repeated confirmation is refused.
    Raises: NoSuchRequest, RequestAlreadyConfirmed, RequestLate and RequestClosed.
    Source: clause 6.requests; GDPR art. 12 and 17.
    """
    return _decide(command, state)


@_decide.register
def _(command: Receive, state: RightsRequest) -> tuple[Event, ...]:
    if state.stage is not Stage.UNKNOWN:
        return ()
    if state.erased:
        message = "the rights request came too late for its key: nothing was kept, ask again"
        raise RequestClosed(message)
    received = RightsRequestReceived(
        right=command.right,
        language=command.language,
        received_at=command.at,
        due_on=due_on(command.at, command.answer_within),
        requester=Personal(command.requester),
    )
    return (received,)


@_decide.register
def _(command: Confirm, state: RightsRequest) -> tuple[Event, ...]:
    received = state.received
    if received is None:
        message = "no rights request is kept under this id"
        raise NoSuchRequest(message)
    if state.stage is not Stage.RECEIVED:
        message = "the rights request was confirmed before"
        raise RequestAlreadyConfirmed(message)
    if state.erased:
        message = "the rights request is erased"
        raise RequestClosed(message)
    if command.at >= end_of_day_at(received.due_on):
        message = f"the rights request could be confirmed until {received.due_on.isoformat()}"
        raise RequestLate(message)
    return (ErasureRequested(received_at=received.received_at, due_on=received.due_on),)


@_decide.register
def _(command: CarryOut, state: RightsRequest) -> tuple[Event, ...]:
    if state.stage is not Stage.CONFIRMED:
        return ()
    done = RightsRequestCarriedOut(
        erasure=command.erasure,
        completed_at=command.completed_at,
        erased=command.erased,
        held=command.held,
    )
    return (done,)


@_decide.register
def _(command: Answer, state: RightsRequest) -> tuple[Event, ...]:
    if state.stage is not Stage.CARRIED_OUT or state.done is None:
        return ()
    answered = RightsRequestAnswered(
        erasure=state.done.erasure, outcome=outcome_of(state.done), told=command.told
    )
    return (answered,)


RIGHTS_REQUEST: Decider[Command, RightsRequest] = Decider(
    initial=RightsRequest(), evolve=evolve, decide=decide
)
"""How one rights request is decided."""
