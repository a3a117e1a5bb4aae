"""What consent does when it hears retention."""

from libs.events.recorded import Recorded
from libs.events.values import Owner
from libs.events.vocabulary.retention import ErasureCompleted, RecordErased, ScrubAskedAgain
from libs.events.work import Work
from libs.keyring.keyring import Keyring
from services.consent.domain.rights_request import RIGHTS_REQUEST, CarryOut
from services.consent.domain.scrubbing import SCRUBBING, Scrub


async def on_record_erased(heard: Recorded, work: Work, *, keyring: Keyring) -> None:
    """Forgets the key it remembers and answers that the views are blank, once per erasure.

    Shape:  also answers for a record consent never kept; the certificate waits for it.
    Source: D9; clause 6.erasure.
    """
    if not isinstance(heard.event, RecordErased):
        return
    keyring.revoke(heard.record)
    command = Scrub(erasure=heard.event.erasure, categories=heard.event.categories)
    await work.handle(heard.record, command, SCRUBBING, cause=heard)


async def on_scrub_asked_again(heard: Recorded, work: Work, *, keyring: Keyring) -> None:
    """Answers once more when retention has waited for consent in vain; others pass by.

    Source: D9.
    """
    event = heard.event
    if not isinstance(event, ScrubAskedAgain) or Owner.CONSENT not in event.silent:
        return
    keyring.revoke(event.record)
    command = Scrub(erasure=heard.record, categories=event.categories, again=True)
    await work.handle(event.record, command, SCRUBBING, cause=heard)


async def on_erasure_completed(heard: Recorded, work: Work) -> None:
    """Notes what became of the rights request that the erasure came from; others pass by."""
    event = heard.event
    if not isinstance(event, ErasureCompleted) or event.request is None:
        return
    command = CarryOut(
        erasure=heard.record,
        completed_at=event.completed_at,
        erased=event.erased,
        held=event.held,
    )
    await work.handle(event.request, command, RIGHTS_REQUEST, cause=heard)
