"""What consent says: choices people make, the policy in force, and rights they use."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from libs.events.event import Event
from libs.events.personal import Personal, PersonalPart
from libs.events.values import Category, Owner
from libs.events.vocabulary.retention import ErasedPart, HeldPart


class Requester(PersonalPart, frozen=True, kw_only=True):
    """The address that a rights request came from and that its answer goes to."""

    category: ClassVar[str] = Category.RIGHTS_REQUEST
    why: ClassVar[str] = "To confirm and answer the request (legal obligation, GDPR art. 12)."

    email: str


class ConsentChanged(Event, frozen=True, kw_only=True):
    """A visitor made a choice about cookies, marketing and the portfolio, a refusal included.

    Shape: the answers are what counts from now on; `changed` names those that differ from the
    visitor's choice before, all of them the first time; `refused_by_signal` names those that were
    asked for and that the browser's signal (`gpc`) turned off.
    """

    owners: ClassVar[tuple[Owner, ...]] = (Owner.CONSENT,)

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
    refused_by_signal: tuple[str, ...] = ()
    necessary: bool = True


class PolicyPublished(Event, frozen=True, kw_only=True):
    """A version of the privacy policy came into force."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.CONSENT,)

    policy_version: str
    effective_on: date
    digest_sha256: str


class RightsRequestReceived(Event, frozen=True, kw_only=True):
    """Somebody used a right; the month to answer runs from here."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.CONSENT,)

    right: str
    language: str
    received_at: datetime
    due_on: date
    requester: Personal[Requester]


class ErasureRequested(Event, frozen=True, kw_only=True):
    """The person behind this rights request confirmed that their data should go."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.CONSENT,)

    received_at: datetime
    due_on: date


class RightsRequestCarriedOut(Event, frozen=True, kw_only=True):
    """What the person asked for is done; the person is still to be told.

    Why: the address is needed to tell them, so it may go only after RightsRequestAnswered.
    """

    owners: ClassVar[tuple[Owner, ...]] = (Owner.CONSENT,)

    erasure: UUID
    completed_at: datetime
    erased: tuple[ErasedPart, ...]
    held: tuple[HeldPart, ...]


class RightsRequestAnswered(Event, frozen=True, kw_only=True):
    """The rights request was carried out and the person was told; their address may go now.

    Shape: `outcome` is `erased`, `held_in_part` or `nothing_kept`; `told` is false when the
    address was erased before a letter could leave.
    """

    owners: ClassVar[tuple[Owner, ...]] = (Owner.CONSENT,)

    erasure: UUID
    outcome: str
    told: bool
