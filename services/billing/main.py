"""Wires billing together from real parts, and runs it."""

from dataclasses import dataclass
from functools import partial

from libs.events.values import Address, Owner
from libs.events.view import View
from libs.policy.policy import Policy
from libs.runtime.declared import Built, Declared
from libs.runtime.ground import Ground
from libs.runtime.service import run_service
from services.billing.api.bus import HEARS, make_reactions
from services.billing.api.http import STATUS_OF
from services.billing.api.staff_doors import StaffDoors
from services.billing.app import evidence
from services.billing.app.effects import (
    OWED,
    PLACE_HOLD,
    SCRUB,
    STORE_INVOICE,
    Outside,
    place_hold,
    scrub,
    store_invoice,
)
from services.billing.domain.hold import HoldRule
from services.billing.domain.invoice_document import Seller
from services.billing.projections import hold, invoice_register, order_register
from services.billing.settings import BillingSettings
from services.billing.store.books_audit import BooksAudit
from services.billing.store.hold_table import HOLD_TABLE, HoldReader
from services.billing.store.invoice_register_table import INVOICE_REGISTER_TABLE, InvoiceReader
from services.billing.store.invoice_series import InvoiceSeries
from services.billing.store.invoice_shelf import MinioShelf, connect
from services.billing.store.order_register_table import ORDER_REGISTER_TABLE, OrderReader

ORDER_REGISTER = View(
    name="order_register",
    hears=order_register.HEARS,
    fold=order_register.fold,
    table=ORDER_REGISTER_TABLE,
)
INVOICE_REGISTER = View(
    name="invoice_register",
    hears=invoice_register.HEARS,
    fold=invoice_register.fold,
    table=INVOICE_REGISTER_TABLE,
)
HOLD = View(name="hold", hears=hold.HEARS, fold=hold.fold, table=HOLD_TABLE)
DECLARED = Declared(
    owner=Owner.BILLING,
    views=(ORDER_REGISTER, INVOICE_REGISTER, HOLD),
    effects=OWED,
    hears=HEARS,
)


@dataclass(frozen=True)
class Wiring:
    """Puts billing on its ground, with what its own settings say."""

    settings: BillingSettings

    def build(self, ground: Ground) -> Built:
        """The doors, reactions, effects and checks of this service."""
        shelf = self._shelf()
        rule = hold_rule(ground.policy)
        outside = Outside(
            desk=ground.desk,
            keyring=ground.keyring,
            shelf=shelf,
            seller=self._seller(ground.policy),
        )
        return Built(
            router=_doors(ground, shelf).router(),
            refusals=STATUS_OF,
            reactions=make_reactions(ground.keyring, rule, InvoiceSeries()),
            effects={
                PLACE_HOLD: partial(place_hold, outside=outside),
                STORE_INVOICE: partial(store_invoice, outside=outside),
                SCRUB: partial(scrub, outside=outside),
            },
            evidence=_checks(ground, shelf, rule),
        )

    def _shelf(self) -> MinioShelf:
        settings = self.settings
        client = connect(
            settings.s3_endpoint,
            access_key=settings.s3_access_key.get_secret_value(),
            secret_key=settings.s3_secret_key,
        )
        return MinioShelf(client, settings.s3_bucket)

    def _seller(self, policy: Policy) -> Seller:
        settings = self.settings
        return Seller(
            name=policy.company.name,
            trading_as=policy.company.trading_as,
            address=Address(
                street=settings.seller_street,
                postal_code=settings.seller_postal_code,
                city=settings.seller_city,
                country=policy.company.country,
            ),
            vat_number=settings.seller_vat_number,
            chamber_of_commerce_number=settings.seller_chamber_of_commerce_number,
        )


def hold_rule(policy: Policy) -> HoldRule:
    """How long the law keeps the books, as the policy says it."""
    return HoldRule(
        years=policy.terms.billing,
        basis=f"{policy.hold.basis} ({policy.hold.article})",
        book_year_end=policy.book_year_end,
    )


def _doors(ground: Ground, shelf: MinioShelf) -> StaffDoors:
    return StaffDoors(
        keyring=ground.keyring,
        orders=OrderReader(ground.pool),
        invoices=InvoiceReader(ground.pool),
        holds=HoldReader(ground.pool),
        shelf=shelf,
    )


def _checks(ground: Ground, shelf: MinioShelf, rule: HoldRule) -> dict[str, evidence.Check]:
    checks = evidence.Evidence(
        books=BooksAudit(ground.pool),
        shelf=shelf,
        keyring=ground.keyring,
        clock=ground.clock,
        hold=rule,
    )
    return {
        evidence.SEALED: checks.personal_fields_sealed,
        evidence.COMPLETE: checks.invoices_complete,
        evidence.HELD: checks.billing_held_to_term,
        evidence.SCRUBBED: checks.erased_records_scrubbed,
    }


def main() -> None:
    """Run billing until it is told to stop."""
    settings = BillingSettings()
    run_service(DECLARED, settings, Wiring(settings).build)


if __name__ == "__main__":
    main()
