"""Made-up orders to test with: facts, parties and envelopes, the same in every run."""

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
from libs.events.vocabulary.billing import (
    InvoiceHoldPlaced,
    InvoiceHoldReleased,
    InvoiceIssued,
    OrderPlaced,
)
from libs.events.vocabulary.quotes import BillingParty
from libs.events.vocabulary.scrubbing import RecordScrubbed, ScrubStarted
from libs.policy.calendar import Years
from services.billing.domain.hold import HoldRule
from services.billing.domain.invoice_document import Seller

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY_ON = date(2026, 3, 1)
UNTIL_ON = date(2033, 12, 31)
AMOUNT = Money(cents=123450)
RECORD = UUID("01890000-0000-7000-8000-000000000001")
ERASURE = UUID("01890000-0000-7000-8000-00000000000e")
LATER_ERASURE = UUID("01890000-0000-7000-8000-00000000000f")
SECRETS = {Category.BILLING.value: b"b" * 32}
ADDRESS = Address(street="Canarystraat 1", postal_code="1234 AB", city="Utrecht", country="NL")
PARTY = BillingParty(name="Zoë Canary-Quokka", email="zoe@canary.example", address=ADDRESS)
RULE = HoldRule(years=Years(7), basis="AWR art. 52(4)")
SELLER = Seller(
    name="ScansMatter B.V.",
    trading_as="Flux3D",
    address=Address(street="Teststraat 2", postal_code="1000 AA", city="Delft", country="NL"),
    vat_number="NL000000000B00",
    chamber_of_commerce_number="00000000",
)

PLACED = OrderPlaced(placed_on=TODAY_ON, amount=AMOUNT, language="nl", party=Personal(PARTY))
HELD = InvoiceHoldPlaced(
    category=Category.BILLING, reason="order", basis=RULE.basis, until_on=UNTIL_ON
)
ISSUED = InvoiceIssued(
    number="2026-000001",
    issued_on=TODAY_ON,
    supplied_on=TODAY_ON,
    net=AMOUNT,
    vat=Money(cents=25925),
    gross=Money(cents=149375),
    vat_rate_basis_points=2100,
    vat_treatment="standard",
    line="3D asset, ref. Q-00000001",
    party=Personal(PARTY),
)
RELEASED = InvoiceHoldReleased(category=Category.BILLING, reason="order")


def scrub_started(*categories: Category, erasure: UUID = ERASURE) -> ScrubStarted:
    """The fact that an erasure of these categories reached billing."""
    return ScrubStarted(erasure=erasure, categories=categories)


def scrubbed(
    *categories: Category, erasure: UUID = ERASURE, objects_deleted: int = 0
) -> RecordScrubbed:
    """The fact that these categories of the order were scrubbed."""
    return RecordScrubbed(
        owner=Owner.BILLING,
        erasure=erasure,
        categories=categories,
        objects_deleted=objects_deleted,
    )


@dataclass
class Story:
    """The facts of one order in their envelopes, an hour apart, sealed."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    recorded: list[Recorded] = field(default_factory=list)
    ids: CountedIds = field(default_factory=CountedIds)

    def tell(self, *events: Event) -> list[Recorded]:
        """Record these facts and give the whole story so far."""
        stamp = Stamp(Owner.BILLING, self.clock, self.ids)
        for event in events:
            self.recorded += stamp.record(RECORD, self.recorded, [event], secrets=SECRETS)
            self.clock.advance(timedelta(hours=1))
        return self.recorded
