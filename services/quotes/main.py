"""Wires quotes together from real parts, and runs it."""

from dataclasses import dataclass

from libs.doors.mail import Mailer
from libs.events.values import Owner
from libs.events.view import View
from libs.runtime.declared import Built, Declared
from libs.runtime.ground import Ground
from libs.runtime.service import run_service
from libs.runtime.timers import Timer
from services.quotes.api.bus import HEARS, make_reactions
from services.quotes.api.customer_doors import CustomerDoors
from services.quotes.api.http import STATUS_OF, make_router
from services.quotes.api.staff_doors import StaffDoors
from services.quotes.app.abandoned import take_back_abandoned_holds, unused_keys
from services.quotes.app.effects import MAIL_CONFIRMATION, MAIL_OFFER, OWED, Letters
from services.quotes.app.evidence import SCRUBBED, SEALED, Evidence
from services.quotes.app.handlers import Means, expire_offers
from services.quotes.app.ports import SendsMail
from services.quotes.app.quote_links import QuoteLinks
from services.quotes.projections import quote_status
from services.quotes.settings import QuotesSettings
from services.quotes.store.inspection import Inspection
from services.quotes.store.quote_status_table import QuoteReader, QuoteStatusTable

QUOTE_STATUS = View(
    name="quote_status",
    hears=quote_status.HEARS,
    fold=quote_status.fold,
    table=QuoteStatusTable(),
)
DECLARED = Declared(owner=Owner.QUOTES, views=(QUOTE_STATUS,), effects=OWED, hears=HEARS)


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Puts quotes on its ground, with what its own settings say."""

    mailer: SendsMail
    expiry_every_seconds: float
    abandoned_every_seconds: float

    def build(self, ground: Ground) -> Built:
        """The doors, reactions, letters, timers and checks of this service."""
        means = _means(ground)
        reader = QuoteReader(ground.pool)
        links = QuoteLinks(
            links=ground.links, public_url=ground.public_url, terms=ground.policy.terms
        )
        letters = Letters(log=ground.log, keyring=ground.keyring, mailer=self.mailer, links=links)
        checks = Evidence(store=Inspection(ground.pool), clock=ground.clock)
        customer = CustomerDoors(
            means=means,
            reader=reader,
            ids=ground.ids,
            links=ground.links,
            quote_links=links,
        )
        staff = StaffDoors(means=means, reader=reader)
        return Built(
            router=make_router(customer, staff),
            refusals=STATUS_OF,
            reactions=make_reactions(ground.keyring),
            effects={
                MAIL_CONFIRMATION: letters.mail_confirmation,
                MAIL_OFFER: letters.mail_offer,
            },
            timers=(
                self._expiry(means, reader),
                self._taking_back(means),
                self._letting_go(means),
            ),
            evidence={
                SEALED: checks.personal_fields_sealed,
                SCRUBBED: checks.erased_records_scrubbed,
            },
        )

    def _expiry(self, means: Means, reader: QuoteReader) -> Timer:
        return Timer(
            name="expire_offers",
            every_seconds=self.expiry_every_seconds,
            run=lambda: expire_offers(means, reader),
        )

    def _taking_back(self, means: Means) -> Timer:
        return Timer(
            name="take_back_abandoned_holds",
            every_seconds=self.abandoned_every_seconds,
            run=lambda: take_back_abandoned_holds(means),
        )

    def _letting_go(self, means: Means) -> Timer:
        return Timer(
            name="let_go_of_unused_keys",
            every_seconds=self.abandoned_every_seconds,
            run=unused_keys(means).let_go,
        )


def _means(ground: Ground) -> Means:
    return Means(
        desk=ground.desk,
        keyring=ground.keyring,
        blind_index=ground.blind_index,
        policy=ground.policy,
        clock=ground.clock,
    )


def main() -> None:
    """Run quotes until it is told to stop."""
    settings = QuotesSettings()
    wiring = Wiring(
        mailer=Mailer(port=settings.smtp_port),
        expiry_every_seconds=settings.expiry_every_seconds,
        abandoned_every_seconds=settings.abandoned_every_seconds,
    )
    run_service(DECLARED, settings, wiring.build)


if __name__ == "__main__":
    main()
