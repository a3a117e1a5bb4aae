"""What retention does when it hears the others: start clocks, call due, begin and go on erasing."""

from dataclasses import dataclass
from uuid import UUID

from libs.events.recorded import Recorded
from libs.events.values import Category, RecordKind
from libs.events.vocabulary.billing import InvoiceHoldPlaced, InvoiceHoldReleased
from libs.events.vocabulary.consent import ErasureRequested, RightsRequestReceived
from libs.events.vocabulary.quotes import ProjectCompleted
from libs.events.vocabulary.scrubbing import RecordScrubbed
from libs.events.work import Work
from libs.keyring.keyring import Keyring
from libs.keyring.openings import LinkedRecord
from services.retention.domain.clock import CLOCK, CallDue, Running, StartClock
from services.retention.domain.erasure import ABANDONED, ERASURE, REQUEST, BeginErasure, NoteAnswer
from services.retention.domain.terms import (
    CONFIRMED,
    REQUEST_CLAUSE,
    Term,
    Terms,
    choices_term,
    completed_project_term,
    confirmed_request_term,
    hold_term,
    quote_term,
    released_term,
    running_project_term,
    unconfirmed_request_term,
)


async def _start(heard: Recorded, work: Work, term: Term) -> None:
    await work.handle(heard.record, StartClock(term=term), CLOCK, cause=heard)


@dataclass(frozen=True)
class Reactions:
    """What follows from each heard fact; the terms are the policy's, the links the keyring's."""

    terms: Terms
    keyring: Keyring

    async def on_quote_requested(self, heard: Recorded, work: Work) -> None:
        """A request for a price: the term without an order begins."""
        await self._restart_quote(heard, work, "a price was asked for")

    async def on_quote_offered(self, heard: Recorded, work: Work) -> None:
        """An offer is a contact: the term begins again."""
        await self._restart_quote(heard, work, "an offer was sent")

    async def on_quote_declined(self, heard: Recorded, work: Work) -> None:
        """An answer is a contact: the term begins again."""
        await self._restart_quote(heard, work, "the offer was declined")

    async def on_quote_expired(self, heard: Recorded, work: Work) -> None:
        """An offer that ended unanswered closes the contact: the term begins again."""
        await self._restart_quote(heard, work, "the offer expired")

    async def _restart_quote(self, heard: Recorded, work: Work, reason: str) -> None:
        await _start(heard, work, quote_term(self.terms, heard.recorded_at, reason))

    async def on_quote_accepted(self, heard: Recorded, work: Work) -> None:
        """The quote became an order: its own term no longer applies."""
        await _start(heard, work, running_project_term(self.terms, heard.recorded_at))

    async def on_project_completed(self, heard: Recorded, work: Work) -> None:
        """The work is done: the content of the quote goes a fixed term after."""
        event = heard.event
        assert isinstance(event, ProjectCompleted)  # noqa: S101 - wired by type
        term = completed_project_term(self.terms, event.delivered_on, heard.recorded_at)
        await _start(heard, work, term)

    async def on_invoice_hold_placed(self, heard: Recorded, work: Work) -> None:
        """The law keeps a category until a date; its clock shows that date."""
        event = heard.event
        assert isinstance(event, InvoiceHoldPlaced)  # noqa: S101 - wired by type
        await _start(heard, work, hold_term(event.category, event.until_on, event.basis))

    async def on_invoice_hold_released(self, heard: Recorded, work: Work) -> None:
        """The law no longer keeps a category: the next sweep takes it, and nobody has to act."""
        event = heard.event
        assert isinstance(event, InvoiceHoldReleased)  # noqa: S101 - wired by type
        await _start(heard, work, released_term(event.category, heard.recorded_at))

    async def on_consent_changed(self, heard: Recorded, work: Work) -> None:
        """A visitor chose: the choices stay until they have to be asked again."""
        await _start(heard, work, choices_term(self.terms, heard.recorded_at))

    async def on_rights_request_received(self, heard: Recorded, work: Work) -> None:
        """Somebody used a right: until it is confirmed the address stays for a month at most."""
        event = heard.event
        assert isinstance(event, RightsRequestReceived)  # noqa: S101 - wired by type
        await _start(heard, work, unconfirmed_request_term(self.terms, event.received_at))

    async def on_rights_request_answered(self, heard: Recorded, work: Work) -> None:
        """The person was told: who asked is forgotten now."""
        command = CallDue(
            category=Category.RIGHTS_REQUEST, clause=REQUEST_CLAUSE, at=heard.recorded_at
        )
        await work.handle(heard.record, command, CLOCK, cause=heard)

    async def on_erasure_requested(self, heard: Recorded, work: Work) -> None:
        """A person's request was confirmed: every record of theirs goes, the request itself last.

        Raises: KeyringUnavailable, when nobody can say whose records they are: wait and try again.
        """
        event = heard.event
        assert isinstance(event, ErasureRequested)  # noqa: S101 - wired by type
        await _start(heard, work, confirmed_request_term(self.terms, event.received_at))
        linked = await self.keyring.records_with(heard.record)
        records = tuple([one.record for one in linked if await _is_to_go(one, heard.record, work)])
        command = BeginErasure(cause=REQUEST, records=records, request=heard.record)
        await work.handle(heard.event_id, command, ERASURE, cause=heard)

    async def on_record_abandoned(self, heard: Recorded, work: Work) -> None:
        """A key was made and nothing came of it: it goes by the path of all others, at once."""
        command = BeginErasure(cause=ABANDONED, records=(heard.record,))
        await work.handle(heard.event_id, command, ERASURE, cause=heard)

    async def on_record_scrubbed(self, heard: Recorded, work: Work) -> None:
        """An owner answered for a record of an erasure."""
        event = heard.event
        assert isinstance(event, RecordScrubbed)  # noqa: S101 - wired by type
        command = NoteAnswer(records=(heard.record,), owner=event.owner)
        await work.handle(event.erasure, command, ERASURE, cause=heard)


async def _is_to_go(linked: LinkedRecord, request: UUID, work: Work) -> bool:
    """Whether a linked record goes now: not this request, nor one that still has to be answered.

    Why: of another request only an unconfirmed one is in nobody's hands.
    """
    if linked.record == request:
        return False
    if linked.kind != RecordKind.RIGHTS_REQUEST:
        return True
    clock = CLOCK.fold(one.event for one in await work.history(linked.record))
    situation = clock.of(Category.RIGHTS_REQUEST)
    return isinstance(situation, Running) and situation.reason != CONFIRMED
