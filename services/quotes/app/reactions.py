"""What quotes does when it hears others."""

from libs.events.recorded import Recorded
from libs.events.values import Owner
from libs.events.vocabulary.retention import RecordErased, ScrubAskedAgain
from libs.events.work import Work
from libs.keyring.keyring import Keyring
from services.quotes.domain.quote import QUOTE, ScrubQuote


async def on_record_erased(heard: Recorded, work: Work, *, keyring: Keyring) -> None:
    """Forgets the key it remembers and answers that the view is blank, once per erasure.

    Shape: also answers for a record that was never a quote; the certificate waits for it.
    Source: D9; clause 6.erasure.
    """
    if not isinstance(heard.event, RecordErased):
        return
    keyring.revoke(heard.record)
    command = ScrubQuote(erasure=heard.event.erasure, categories=heard.event.categories)
    await work.handle(heard.record, command, QUOTE, cause=heard)


async def on_scrub_asked_again(heard: Recorded, work: Work, *, keyring: Keyring) -> None:
    """Answers once more when retention has waited for quotes in vain; others pass by.

    Source: D9.
    """
    event = heard.event
    if not isinstance(event, ScrubAskedAgain) or Owner.QUOTES not in event.silent:
        return
    keyring.revoke(event.record)
    command = ScrubQuote(erasure=heard.record, categories=event.categories, again=True)
    await work.handle(event.record, command, QUOTE, cause=heard)
