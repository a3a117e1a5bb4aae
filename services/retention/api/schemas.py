"""What callers send and see; nothing here names a person except the address staff may type."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, model_validator

from libs.doors.fields import Email, Strict

StaffReason = Literal[
    "asked_otherwise", "kept_by_mistake", "no_longer_needed", "policy_changed", "staff_decision"
]
"""Why staff erase; a closed list, because a free text might name the person."""


class ErasureIn(Strict):
    """One record, or every record of the person with this address."""

    record: UUID | None = None
    email: Email | None = None
    reason: StaffReason = "staff_decision"

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        if (self.record is None) == (self.email is None):
            message = "give either record or email"
            raise ValueError(message)
        return self


class ErasureAccepted(BaseModel):
    """An erasure was begun."""

    id: UUID
    records: list[UUID]
    url: str


class ErasedOut(BaseModel):
    """A category whose key was destroyed."""

    record: UUID
    category: str
    unreadable_since: datetime


class HeldOut(BaseModel):
    """A category that the law keeps."""

    record: UUID
    category: str
    reason: str
    basis: str
    until_on: date | None


class WaitingOut(BaseModel):
    """An answer that is still to come."""

    record: UUID
    owner: str


class ErasureOut(BaseModel):
    """How far an erasure has come."""

    id: UUID
    state: Literal["under_way", "completed"]
    cause: str | None
    request: UUID | None
    begun_at: datetime | None
    completed_at: datetime | None
    records: list[UUID]
    erased: list[ErasedOut]
    held: list[HeldOut]
    waiting_for: list[WaitingOut]
    asked_again_at: datetime | None
    unreadable_since: datetime | None
    unrecoverable_since: datetime | None
    certificate_url: str | None


class ErasurePage(BaseModel):
    """A page of erasures."""

    items: list[ErasureOut]
    next: str | None


class CertificateOut(BaseModel):
    """The certificate, its content as signed, and where the key to check it is.

    Shape: the addendum is there from the shred round on that covers the erasure.
    """

    erasure: UUID
    certificate: str
    content: Mapping[str, Any]
    addendum: str | None
    addendum_content: Mapping[str, Any] | None
    signing_key_url: str


class AddendumOut(BaseModel):
    """The addendum to a certificate, and its content as signed."""

    erasure: UUID
    addendum: str
    content: Mapping[str, Any]
    signing_key_url: str


class ClockOut(BaseModel):
    """One category of one record: what will become of it, when and why."""

    record: UUID
    category: str
    kind: str | None
    state: str
    clause: str | None
    reason: str | None
    started_at: datetime | None
    due_at: datetime | None
    basis: str | None
    until_on: date | None


class ClockPage(BaseModel):
    """A page of clocks."""

    items: list[ClockOut]
    next: str | None


class GoingFigure(BaseModel):
    """How many categories would go, by clause and present state."""

    clause: str | None
    state: str
    categories: int


class SimulationOut(BaseModel):
    """What would go by the end of a day, and why; nothing is changed by asking.

    Shape: a held item goes because its hold will have ended by then.
    """

    at: date
    figures: list[GoingFigure]
    items: list[ClockOut]
    next: str | None


class SweepOut(BaseModel):
    """Where the sweep stands."""

    state: Literal["running", "stopped"]
    now: datetime
    last_swept_at: datetime | None
    confirmed_at: datetime | None
    jump_seconds: int
    jump_cap_days: int


class TakenUpOut(BaseModel):
    """How many erasures were begun again."""

    taken_up: int


class SweptOut(BaseModel):
    """How many terms a sweep called due."""

    called_due: int


class ShredOut(BaseModel):
    """Where shredding stands.

    Shape: `recoverable` are destroyed keys that copies could still give back, `oldest_at` since
    when; `due_at` is when the next round begins by itself.
    """

    round: UUID | None
    state: str | None
    epoch: int | None
    begun_at: datetime | None
    unrecoverable_since: datetime | None
    keys_to_rewrap: int
    keys_rewrapped: int
    backup: str | None
    backup_digest: str | None
    recoverable: int
    oldest_at: datetime | None
    due_at: datetime | None


class ShredBegun(BaseModel):
    """The round that is under way; none when there was nothing to do."""

    round: UUID | None
