"""What quotes listens to on the bus, and what it does then."""

from collections.abc import Mapping
from functools import partial

from libs.events.event import Event
from libs.events.values import Owner
from libs.events.vocabulary.retention import RecordErased, ScrubAskedAgain
from libs.events.work import Reaction
from libs.keyring.keyring import Keyring
from services.quotes.app.reactions import on_record_erased, on_scrub_asked_again

HEARS = (Owner.RETENTION,)


def make_reactions(keyring: Keyring) -> Mapping[type[Event], Reaction]:
    """The reaction to each event that is heard; all others pass by."""
    return {
        RecordErased: partial(on_record_erased, keyring=keyring),
        ScrubAskedAgain: partial(on_scrub_asked_again, keyring=keyring),
    }
