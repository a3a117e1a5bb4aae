"""What leaves the house because of a fact: letters to the customer."""

from dataclasses import dataclass
from uuid import UUID

from libs.events.log import EFFECTS, EventLog
from libs.events.recorded import Recorded
from libs.events.vocabulary.quotes import QuoteDetails, QuoteOffered, QuoteRequested
from libs.keyring.keyring import Keyring
from services.quotes.app import letters
from services.quotes.app.letters import Letter
from services.quotes.app.opening import details_in
from services.quotes.app.ports import SendsMail
from services.quotes.app.quote_links import QuoteLinks
from services.quotes.domain.quote import QUOTE

MAIL_CONFIRMATION = "mail_confirmation"
MAIL_OFFER = "mail_offer"
OWED: EFFECTS = {QuoteRequested: (MAIL_CONFIRMATION,), QuoteOffered: (MAIL_OFFER,)}
"""Which fact owes which letter."""


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Writes and sends the letters; sent twice, a letter keeps its id.

    Shape:  nothing is sent to somebody who was erased meanwhile.
    Raises: Unavailable, when the keyring or the mail server is away; the letter stays owed.
    """

    log: EventLog
    keyring: Keyring
    mailer: SendsMail
    links: QuoteLinks

    async def mail_confirmation(self, recorded: Recorded) -> None:
        """Tells the customer that the request arrived."""
        details = await details_in(self.keyring, [recorded])
        if details is None or not isinstance(recorded.event, QuoteRequested):
            return
        letter = letters.confirmation(
            recorded.event.language,
            name=details.name,
            reference=reference_of(recorded.record),
            status_url=self.links.status_url(recorded.record, since=recorded.recorded_at),
        )
        await self._send(details, letter, recorded)

    async def mail_offer(self, recorded: Recorded) -> None:
        """Tells the customer the price, unless a newer offer has replaced it meanwhile."""
        history = await self.log.load(recorded.record)
        quote = QUOTE.fold(one.event for one in history)
        details = await details_in(self.keyring, history)
        event = recorded.event
        if details is None or quote.offer is None or not isinstance(event, QuoteOffered):
            return
        if event.offer == quote.offer.number:
            letter = self._offer_letter(recorded, event, details.name, quote.language)
            await self._send(details, letter, recorded)

    def _offer_letter(
        self, recorded: Recorded, event: QuoteOffered, name: str, language: str
    ) -> Letter:
        record, links = recorded.record, self.links
        acceptance_url, refusal_url = (
            links.answer_url(record, answer, offer=event.offer, valid_until_on=event.valid_until_on)
            for answer in ("acceptance", "refusal")
        )
        return letters.offer(
            language,
            name=name,
            reference=reference_of(record),
            amount=letters.written_amount(event.amount, language),
            valid_until=letters.written_date(event.valid_until_on),
            acceptance_url=acceptance_url,
            refusal_url=refusal_url,
            status_url=links.status_url(record, since=recorded.recorded_at),
        )

    async def _send(self, details: QuoteDetails, letter: Letter, recorded: Recorded) -> None:
        await self.mailer.send(
            details.email, letter.subject, letter.text, message_id=str(recorded.event_id)
        )


def reference_of(record: UUID) -> str:
    """How a quote is called in letters: `Q-` and the end of its id."""
    return f"Q-{record.hex[-8:]}"
