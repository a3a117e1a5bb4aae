"""What callers send and see."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field

from libs.doors.fields import Email, Language, Line, Strict
from services.consent.domain.choices import Answers, Choose, Source
from services.consent.domain.rights_request import Right

Purpose = Literal["functional", "analytical", "advertisement", "marketing", "portfolio"]
_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")
_NOBODY = (UUID(int=0), UUID(int=(1 << 128) - 1))


def _is_somebodys(visitor: UUID) -> UUID:
    if visitor in _NOBODY:
        message = "must be an id made for one visitor"
        raise ValueError(message)
    return visitor


def _rfc_3339(value: object) -> object:
    if isinstance(value, str) and not _RFC_3339.fullmatch(value):
        message = "must be a moment with its offset, as 2026-01-31T12:00:00Z"
        raise ValueError(message)
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        message = "must lie in the years 1 to 9999"
        raise ValueError(message) from None


Visitor = Annotated[UUID, AfterValidator(_is_somebodys)]
"""The random id that the banner made for one browser."""

Moment = Annotated[AwareDatetime, BeforeValidator(_rfc_3339), AfterValidator(_in_utc)]
"""An instant, in UTC."""


class ChoiceIn(Strict):
    """A visitor's answer for every purpose; a refusal is an answer too."""

    visitor: Visitor
    necessary: Literal[True] = True
    functional: bool
    analytical: bool
    advertisement: bool
    marketing: bool
    portfolio: bool
    source: Source
    notice_version: Annotated[Line, Field(max_length=64)]
    language: Language
    gpc: bool = False

    def command(self, *, signal: bool) -> Choose:
        """The choice as the domain takes it; a signal in the header counts as one in the body."""
        return Choose(
            answers=Answers(
                functional=self.functional,
                analytical=self.analytical,
                advertisement=self.advertisement,
                marketing=self.marketing,
                portfolio=self.portfolio,
            ),
            source=self.source,
            notice_version=self.notice_version,
            language=self.language,
            gpc=self.gpc or signal,
        )


class ChoiceOut(BaseModel):
    """What counts for a visitor.

    Shape: `refused_by_signal` was asked for and refused because the browser says no (GPC); a
    banner does not ask again before `ask_again_at`, unless the notice changes.
    """

    record: UUID
    event_id: UUID
    chosen_at: datetime
    necessary: Literal[True] = True
    functional: bool
    analytical: bool
    advertisement: bool
    marketing: bool
    portfolio: bool
    source: str
    notice_version: str
    language: str
    gpc: bool
    refused_by_signal: tuple[str, ...]
    ask_again_at: datetime


class PastChoiceOut(BaseModel):
    """One choice as it was made, of a record that names nobody by itself."""

    record: UUID
    version: int
    event_id: UUID
    recorded_at: datetime
    functional: bool
    analytical: bool
    advertisement: bool
    marketing: bool
    portfolio: bool
    source: str
    notice_version: str
    language: str
    gpc: bool
    changed: tuple[str, ...]
    refused_by_signal: tuple[str, ...]


class HistoryPage(BaseModel):
    """A page of past choices, oldest first, and the cursor of the next one."""

    items: list[PastChoiceOut]
    next: str | None


class RightsRequestIn(Strict):
    """A wish to use a right, and the address that the answer goes to."""

    right: Right
    email: Email
    language: Language = "en"


class RequestReceived(BaseModel):
    """The answer to a request; the same whether the address is known or not."""

    id: UUID
    right: str
    state: str
    due_on: date
    status_url: str


class RequestConfirmed(BaseModel):
    """The answer to a confirmation; the link shows the outcome once there is one."""

    id: UUID
    state: str
    due_on: date
    status_url: str


class ErasedOut(BaseModel):
    """A category of a record that nobody can read any more, and since when."""

    record: UUID
    category: str
    unreadable_since: datetime


class HeldOut(BaseModel):
    """A category of a record that the law keeps, why, and until which day.

    Shape: `until_on` is absent while the order is being carried out.
    """

    record: UUID
    category: str
    reason: str
    basis: str
    until_on: date | None


class OutcomeOut(BaseModel):
    """What went, what stays and until when, and where the proof is."""

    erasure: UUID
    erased: tuple[ErasedOut, ...]
    held: tuple[HeldOut, ...]
    certificate_url: str


class RightsRequestOut(BaseModel):
    """How far a request is.

    Shape: `outcome` is there when it is completed, for staff and for who has the mailed link.
    """

    id: UUID
    right: str
    state: str
    received_at: datetime
    due_on: date
    confirmed_at: datetime | None = None
    completed_at: datetime | None = None
    answered_at: datetime | None = None
    address_erased_at: datetime | None = None
    outcome: OutcomeOut | None = None
