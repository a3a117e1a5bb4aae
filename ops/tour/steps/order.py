"""Step 3: an offer becomes an order, an invoice, and a hold of the law."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from libs.policy.calendar import local_date
from ops.tour.telling import wait_for
from ops.tour.walk import Walk

TITLE = "Offer, acceptance, project, invoice, hold"


def take(walk: Walk) -> None:
    """The customer accepts by the mailed link; four services do the rest among themselves."""
    quote, today_on = walk.quotes["dutch"], local_date(walk.gateway.clock.now())
    walk.gateway.post(f"/api/quotes/{quote}/offer", offer_of(walk), role="staff")
    address = walk.people["dutch"]["body"]["email"]
    path, token = walk.letter_link(address, f"{quote}/acceptance")
    walk.gateway.post(path, {}, token=token)
    again = walk.gateway.ask("POST", path, body={}, query={"token": token})
    walk.telling.check(
        "A link acts once",
        holds=again.status_code == HTTPStatus.CONFLICT,
        seen=f"the same link a second time: {again.status_code} {again.json()['title']}",
    )
    walk.gateway.post(f"/api/quotes/{quote}/project/start", role="staff")
    done = {"delivered_on": str(today_on)}
    walk.gateway.post(f"/api/quotes/{quote}/project/completion", done, role="staff")
    _check_invoice(walk, quote)


def offer_of(walk: Walk) -> dict[str, Any]:
    """An offer of a thousand euros that stands for thirty days."""
    today_on = local_date(walk.gateway.clock.now())
    return {
        "amount": {"amount": "1000.00", "currency": "EUR"},
        "valid_until_on": str(today_on + timedelta(days=30)),
    }


def _check_invoice(walk: Walk, quote: str) -> None:
    invoice = wait_for(lambda: _invoice_of(walk, quote), "the invoice")
    walk.invoice = invoice["number"]
    total = invoice["gross"]["amount"]
    walk.telling.check(
        "An order is invoiced under the next number, with the VAT of the law",
        holds=total == "1210.00",
        seen=f"invoice {walk.invoice}: 1000.00 + 21 % = {total} EUR",
    )
    shown = wait_for(lambda: _with_document(walk), "the sealed invoice in the bucket")
    year = walk.gateway.clock.now().year
    walk.held_until_on = date.fromisoformat(shown["hold"]["until_on"])
    walk.telling.check(
        "Invoices are kept seven years after their book year (5.1)",
        holds=walk.held_until_on == date(year + 7, 12, 31),
        seen=f"held until {walk.held_until_on}, {shown['hold']['basis'][:60]}",
    )


def _invoice_of(walk: Walk, quote: str) -> dict[str, Any] | None:
    page = walk.gateway.get("/api/invoices", role="staff")
    return next((one for one in page["items"] if one["order"] == quote), None)


def _with_document(walk: Walk) -> dict[str, Any] | None:
    shown = walk.gateway.get(f"/api/invoices/{walk.invoice}", role="staff")
    return shown if shown["document"]["sha256"] and shown["hold"] else None
