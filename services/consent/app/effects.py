"""What leaves the house because of a fact: the letters of a rights request."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.events.handle import Desk
from libs.events.log import EFFECTS
from libs.events.recorded import Recorded
from libs.events.seal import open_box
from libs.events.values import Category
from libs.events.vocabulary.consent import (
    Requester,
    RightsRequestCarriedOut,
    RightsRequestReceived,
)
from libs.keyring.keyring import Keyring
from libs.keyring.keys import DataKey
from libs.policy.registers import Company
from services.consent.app import letters
from services.consent.app.letters import Letter, OutcomeLinks
from services.consent.app.ports import SendsMail
from services.consent.app.request_links import RequestLinks
from services.consent.domain.rights_request import RIGHTS_REQUEST, Answer

MAIL_CONFIRMATION = "mail_confirmation"
MAIL_OUTCOME = "mail_outcome"
OWED: EFFECTS = {
    RightsRequestReceived: (MAIL_CONFIRMATION,),
    RightsRequestCarriedOut: (MAIL_OUTCOME,),
}
"""Which fact owes which letter."""


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Writes and sends the letters; sent twice, a letter keeps its id.

    Raises: Unavailable, when the keyring or the mail server is away; the letter stays owed.
    """

    desk: Desk
    keyring: Keyring
    mailer: SendsMail
    links: RequestLinks
    company: Company

    async def mail_confirmation(self, recorded: Recorded) -> None:
        """Asks the person behind the address to confirm; nothing once the address is erased."""
        event = recorded.event
        requester = await open_requester(self.keyring, [recorded])
        if requester is None or not isinstance(event, RightsRequestReceived):
            return
        record = recorded.record
        letter = letters.confirmation(
            event.language,
            confirmation_url=self.links.confirmation_url(record, due_on=event.due_on),
            outcome_url=self.links.outcome_url(record, received_at=event.received_at),
            due_on=event.due_on,
        )
        await self._send(requester, letter, recorded)

    async def mail_outcome(self, recorded: Recorded) -> None:
        """Tells the person the outcome, and then says that the request is answered.

        Why: retention erases the address when it hears the answer, so the letter goes first.
        """
        done = recorded.event
        if not isinstance(done, RightsRequestCarriedOut):
            return
        history = await self.desk.log.load(recorded.record)
        requester = await open_requester(self.keyring, history)
        received = RIGHTS_REQUEST.fold(one.event for one in history).received
        if requester is not None and received is not None:
            links = self._links(recorded.record, done, received)
            letter = letters.outcome(received.language, done, links)
            await self._send(requester, letter, recorded)
        answer = Answer(told=requester is not None)
        await self.desk.handle(recorded.record, answer, RIGHTS_REQUEST)

    def _links(
        self, record: UUID, done: RightsRequestCarriedOut, received: RightsRequestReceived
    ) -> OutcomeLinks:
        return OutcomeLinks(
            certificate_url=self.links.certificate_url(done.erasure),
            outcome_url=self.links.outcome_url(record, received_at=received.received_at),
            authority=self.company.authority,
            authority_site=self.company.authority_site,
        )

    async def _send(self, requester: Requester, letter: Letter, recorded: Recorded) -> None:
        message_id = str(recorded.event_id)
        await self.mailer.send(requester.email, letter.subject, letter.text, message_id=message_id)


async def open_requester(keyring: Keyring, history: Sequence[Recorded]) -> Requester | None:
    """The address behind a request, from the facts of its record; none once it was erased.

    Raises: KeyringUnavailable, when nobody can say; that is never read as erased.
    """
    for one in history:
        if isinstance(one.event, RightsRequestReceived):
            place = (one.record, str(Category.RIGHTS_REQUEST))
            key = (await keyring.open_keys([place]))[place]
            if isinstance(key, DataKey):
                return open_box(one.event.requester.box, Requester, one.record, key.secret)
    return None
