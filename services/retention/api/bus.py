"""What retention listens to on the bus, and what it does then."""

from collections.abc import Mapping

from libs.events.event import Event
from libs.events.values import Owner
from libs.events.vocabulary.billing import InvoiceHoldPlaced, InvoiceHoldReleased
from libs.events.vocabulary.consent import (
    ConsentChanged,
    ErasureRequested,
    RightsRequestAnswered,
    RightsRequestReceived,
)
from libs.events.vocabulary.quotes import (
    ProjectCompleted,
    QuoteAccepted,
    QuoteDeclined,
    QuoteExpired,
    QuoteOffered,
    QuoteRequested,
)
from libs.events.vocabulary.scrubbing import RecordAbandoned, RecordScrubbed
from libs.events.work import Reaction
from services.retention.app.reactions import Reactions

HEARS = (Owner.QUOTES, Owner.CONSENT, Owner.BILLING)


def make_reactions(reactions: Reactions) -> Mapping[type[Event], Reaction]:
    """The reaction to each event that is heard; all others pass by."""
    return {
        QuoteRequested: reactions.on_quote_requested,
        QuoteOffered: reactions.on_quote_offered,
        QuoteDeclined: reactions.on_quote_declined,
        QuoteExpired: reactions.on_quote_expired,
        QuoteAccepted: reactions.on_quote_accepted,
        ProjectCompleted: reactions.on_project_completed,
        InvoiceHoldPlaced: reactions.on_invoice_hold_placed,
        InvoiceHoldReleased: reactions.on_invoice_hold_released,
        ConsentChanged: reactions.on_consent_changed,
        RightsRequestReceived: reactions.on_rights_request_received,
        ErasureRequested: reactions.on_erasure_requested,
        RightsRequestAnswered: reactions.on_rights_request_answered,
        RecordAbandoned: reactions.on_record_abandoned,
        RecordScrubbed: reactions.on_record_scrubbed,
    }
