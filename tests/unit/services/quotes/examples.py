"""Made-up quotes to test with: facts, details and envelopes, the same in every run."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from libs.events.clock import FixedClock
from libs.events.event import Event
from libs.events.handle import Stamp
from libs.events.ids import CountedIds
from libs.events.personal import Personal
from libs.events.recorded import Recorded
from libs.events.values import Address, Category, Money, Owner
from libs.events.vocabulary.quotes import (
    AcceptanceAbandoned,
    BillingParty,
    ProjectCompleted,
    ProjectStarted,
    QuoteAccepted,
    QuoteDeclined,
    QuoteDetails,
    QuoteExpired,
    QuoteOffered,
    QuoteRequested,
)
from libs.events.vocabulary.scrubbing import RecordScrubbed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY_ON = date(2026, 3, 1)
VALID_UNTIL_ON = date(2026, 3, 31)
AMOUNT = Money(cents=123450)
RECORD = UUID("01890000-0000-7000-8000-000000000001")
ERASURE = UUID("01890000-0000-7000-8000-00000000000e")
SECRETS = {Category.QUOTE.value: b"q" * 32, Category.BILLING.value: b"b" * 32}
ADDRESS = Address(street="Canarystraat 1", postal_code="1234 AB", city="Utrecht", country="NL")
DETAILS = QuoteDetails(
    name="Zoë Canary-Quokka", email="zoe@canary.example", brief="A chair, 3D.", company="Quokka BV"
)
PARTY = BillingParty(name=DETAILS.name, email=DETAILS.email, address=ADDRESS)

REQUESTED = QuoteRequested(language="nl", details=Personal(DETAILS))
OFFERED = QuoteOffered(offer=1, amount=AMOUNT, valid_until_on=VALID_UNTIL_ON)
OFFERED_AGAIN = QuoteOffered(offer=2, amount=AMOUNT, valid_until_on=date(2026, 4, 30))
ACCEPTED = QuoteAccepted(offer=1, amount=AMOUNT, language="nl", party=Personal(PARTY))
ABANDONED = AcceptanceAbandoned(held_since=NOON)
DECLINED = QuoteDeclined(offer=1)
EXPIRED = QuoteExpired(offer=1)
STARTED = ProjectStarted()
COMPLETED = ProjectCompleted(delivered_on=TODAY_ON)


def scrubbed(*categories: Category) -> RecordScrubbed:
    """The fact that these categories of the quote were scrubbed."""
    return RecordScrubbed(
        owner=Owner.QUOTES, erasure=ERASURE, categories=categories, objects_deleted=0
    )


@dataclass
class Story:
    """The facts of one quote in their envelopes, an hour apart, sealed."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    recorded: list[Recorded] = field(default_factory=list)
    ids: CountedIds = field(default_factory=CountedIds)

    def tell(self, *events: Event) -> list[Recorded]:
        """Record these facts and give the whole story so far."""
        stamp = Stamp(Owner.QUOTES, self.clock, self.ids)
        for event in events:
            self.recorded += stamp.record(RECORD, self.recorded, [event], secrets=SECRETS)
            self.clock.advance(timedelta(hours=1))
        return self.recorded
