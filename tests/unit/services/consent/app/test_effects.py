"""The letters go out when they are owed, and the answer is said after the letter."""

from uuid import UUID

import pytest

from libs.events.errors import Unavailable
from libs.events.recorded import Recorded
from libs.keyring.openings import KeyringUnavailable
from services.consent.app.effects import open_requester
from services.consent.app.handlers import Request, confirm_request, request_right
from services.consent.domain.rights_request import RIGHTS_REQUEST, CarryOut, Right
from tests.unit.services.consent.app.desk import Office, answer
from tests.unit.services.consent.facts import ERASURE, NOW, carried_out

RECORD = UUID(int=5)
REQUEST = Request(right=Right.ERASURE, email="ada@example.org", language="nl", at=NOW)


async def _received(office: Office) -> Recorded:
    await request_right(office.means, RECORD, REQUEST, answer(1))
    return office.log.facts[-1]


async def _carried_out(office: Office) -> Recorded:
    await _received(office)
    await confirm_request(office.means, RECORD, answer(2))
    command = CarryOut(
        erasure=ERASURE, completed_at=NOW, erased=carried_out.erased, held=carried_out.held
    )
    (fact,) = await office.means.desk.handle(RECORD, command, RIGHTS_REQUEST)
    return fact


async def test_confirmation_goes_to_the_address_that_asked() -> None:
    """The link reaches only who reads that mailbox."""
    office = Office()
    await office.letters.mail_confirmation(await _received(office))
    (letter,) = office.mailbox.sent
    assert (letter.to, "/confirmation?token=" in letter.text) == ("ada@example.org", True)


async def test_confirmation_stays_the_same_letter_when_sent_again() -> None:
    """A letter sent twice is the same to the byte, with the same id."""
    office = Office()
    fact = await _received(office)
    await office.letters.mail_confirmation(fact)
    await office.letters.mail_confirmation(fact)
    first, second = office.mailbox.sent
    assert first == second


async def test_no_letter_goes_out_once_the_address_is_erased() -> None:
    """Who was erased meanwhile gets no letter."""
    office = Office()
    fact = await _received(office)
    await office.retention.destroy(RECORD, erasure=ERASURE, at=NOW)
    await office.letters.mail_confirmation(fact)
    assert office.mailbox.sent == []


async def test_request_is_answered_after_the_letter_left() -> None:
    """Retention hears of the answer only when the letter is gone."""
    office = Office()
    await office.letters.mail_outcome(await _carried_out(office))
    assert (len(office.mailbox.sent), office.names()[-1]) == (1, "RightsRequestAnswered")


async def test_request_is_not_answered_while_the_letter_cannot_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mail server that is away leaves the letter owed and the address kept."""
    office = Office()

    async def refuse(*_letter: str, message_id: str) -> None:
        raise Unavailable(message_id)

    monkeypatch.setattr(office.mailbox, "send", refuse)
    fact = await _carried_out(office)
    with pytest.raises(Unavailable):
        await office.letters.mail_outcome(fact)
    assert office.names()[-1] == "RightsRequestCarriedOut"


async def test_request_is_answered_as_not_told_once_the_address_is_erased() -> None:
    """A request whose address went first is closed without a letter."""
    office = Office()
    fact = await _carried_out(office)
    await office.retention.destroy(RECORD, erasure=ERASURE, at=NOW)
    await office.letters.mail_outcome(fact)
    assert (office.mailbox.sent, '"told":false' in office.log.facts[-1].data) == ([], True)


async def test_request_is_answered_once_when_the_letter_is_sent_again() -> None:
    """A repeated effect gives no second answer."""
    office = Office()
    fact = await _carried_out(office)
    await office.letters.mail_outcome(fact)
    await office.letters.mail_outcome(fact)
    assert office.names().count("RightsRequestAnswered") == 1


async def test_unavailable_is_never_read_as_erased() -> None:
    """A keyring that does not answer stops the letter; it does not count as erased."""
    office = Office()
    fact = await _received(office)
    office.retention.stop()
    with pytest.raises(KeyringUnavailable):
        await open_requester(office.means.keyring, [fact])
