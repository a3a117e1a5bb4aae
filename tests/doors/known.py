"""What is kept on a stack before strangers come: one of everything that a door can show."""

from dataclasses import dataclass
from uuid import uuid4

from libs.policy.calendar import local_date
from ops.tour.telling import wait_for
from tests.journeys.calling import CANARY, CHOICE, Anybody, Json

ROLES = ("staff", "auditor", "operator")


@dataclass(frozen=True, kw_only=True)
class Known:
    """The ids of what is kept, by the parameter that names it, and the links to answer it.

    Shape: `links` are paths with the record that they are for and its token, by service.
    """

    ids: dict[str, list[str]]
    links: dict[str, list[tuple[str, str, str]]]
    erased: str


def make_known(anybody: Anybody) -> Known:
    """A quote at each stage, an order with its invoice, a choice, a request and an erasure."""
    fresh, (offered, offer_token) = anybody.requested(), anybody.offered()
    done, invoice = _ordered(anybody)
    gone = anybody.requested()
    erasure = anybody.post("/api/erasures", {"record": gone}, role="staff").json()["id"]
    request, confirmation = _asked(anybody)
    wait_for(lambda: _has_certificate(anybody, erasure), "a certificate")
    return Known(
        ids={
            "quote": [fresh, offered, done, gone],
            "order": [done],
            "number": [invoice],
            "erasure": [erasure],
            "request": [request],
            "visitor": [_chosen(anybody)],
        },
        links={
            "quotes": [
                ("/api/quotes/{quote}/acceptance", offered, offer_token),
                ("/api/quotes/{quote}/refusal", offered, offer_token),
            ],
            "consent": [("/api/rights-requests/{request}/confirmation", request, confirmation)],
        },
        erased=gone,
    )


def _ordered(anybody: Anybody) -> tuple[str, str]:
    """A quote whose work was delivered, and the number of its invoice."""
    quote, token = anybody.offered()
    anybody.post(f"/api/quotes/{quote}/acceptance?token={token}")
    anybody.post(f"/api/quotes/{quote}/project/start", role="staff")
    delivered = {"delivered_on": str(local_date(anybody.clock.now()))}
    anybody.post(f"/api/quotes/{quote}/project/completion", delivered, role="staff")
    return quote, wait_for(lambda: _invoice_of(anybody, quote), "an invoice")


def _invoice_of(anybody: Anybody, quote: str) -> str | None:
    answer = anybody.get(f"/api/orders/{quote}", role="staff")
    found: str | None = answer.json()["invoice"] if answer.is_success else None
    return found


def _has_certificate(anybody: Anybody, erasure: str) -> bool:
    return anybody.get(f"/api/erasures/{erasure}/certificate").is_success


def _asked(anybody: Anybody) -> tuple[str, str]:
    """A rights request, and the token that confirms it."""
    email = f"{uuid4().hex}@{CANARY}.example"
    asked: Json = anybody.post("/api/rights-requests", {"right": "erasure", "email": email}).json()
    _, token = anybody.letter_link(f"{asked['id']}/confirmation")
    return str(asked["id"]), token


def _chosen(anybody: Anybody) -> str:
    visitor = str(uuid4())
    anybody.post("/api/choices", {**CHOICE, "visitor": visitor})
    return visitor
