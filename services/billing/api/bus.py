"""What billing listens to on the bus, and what it does then."""

from collections.abc import Mapping
from functools import partial

from libs.events.event import Event
from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectCompleted, QuoteAccepted
from libs.events.vocabulary.retention import RecordDue, RecordErased, ScrubAskedAgain
from libs.events.work import Reaction
from libs.keyring.keyring import Keyring
from services.billing.app.ports import TakesNumbers
from services.billing.app.reactions import (
    on_project_completed,
    on_quote_accepted,
    on_record_due,
    on_record_erased,
    on_scrub_asked_again,
)
from services.billing.domain.hold import HoldRule

HEARS = (Owner.QUOTES, Owner.RETENTION)


def make_reactions(
    keyring: Keyring, hold: HoldRule, numbers: TakesNumbers
) -> Mapping[type[Event], Reaction]:
    """The reaction to each event that is heard; all others pass by."""
    return {
        QuoteAccepted: partial(on_quote_accepted, keyring=keyring, hold=hold),
        ProjectCompleted: partial(
            on_project_completed, keyring=keyring, hold=hold, numbers=numbers
        ),
        RecordDue: partial(on_record_due, keyring=keyring),
        RecordErased: partial(on_record_erased, keyring=keyring),
        ScrubAskedAgain: partial(on_scrub_asked_again, keyring=keyring),
    }
