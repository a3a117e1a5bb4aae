"""Requests that no door takes, and the doors they are sent to."""

from tests.journeys.calling import CANARY, CHOICE, QUOTE, RIGHT, Json, Request

UNKNOWN = "00000000-0000-7000-8000-00000000000a"
"""An id that nobody has."""

OFFER: Json = {"amount": {"amount": "100.00", "currency": "EUR"}, "valid_until_on": "2027-01-31"}
BODY_BYTES_MAX = 262_144
_KEY, _CURSOR = ["/header/idempotency-key"], ["/query/cursor"]
_LIST = f"/api/quotes?cursor={CANARY}"
NO_DOOR: list[tuple[Request, int, list[str]]] = [
    (Request(content=b"x" * (BODY_BYTES_MAX + 1)), 413, []),
    (Request(content=CANARY.encode(), headers={"Content-Type": "text/plain"}), 415, []),
    (Request(content=b"{}", headers={"Content-Type": ""}), 415, []),
    (Request(body=QUOTE, headers={"Idempotency-Key": ""}), 400, _KEY),
    (Request(body=QUOTE, headers={"Idempotency-Key": "short"}), 400, _KEY),
    (Request(body=QUOTE, headers={"Idempotency-Key": f"{CANARY} with spaces"}), 400, _KEY),
    (Request(path="/api/choices", body=CHOICE, headers={"Idempotency-Key": ""}), 400, _KEY),
    (Request(path="/api/rights-requests", body=RIGHT, headers={"Idempotency-Key": ""}), 400, _KEY),
    (Request(method="DELETE"), 405, []),
    (Request(method="PUT", body=QUOTE), 405, []),
    (Request(method="GET", path="/api/rights-requests"), 405, []),
    (Request(method="GET", path=f"/api/quotes/{UNKNOWN}/offer"), 405, []),
    (Request(method="GET", path=_LIST, role="staff"), 400, _CURSOR),
]
"""A request that no door takes, its status, and what must be named."""
TRAVERSALS = [
    "/api/quotes/../../etc/passwd",
    "/api/quotes/..%2f..%2fmetrics",
    "/api/quotes/%2e%2e/%2e%2e/ops/status",
    "/api/quotes/%2e%2e%2f%2e%2e%2fops%2fparked",
    "/api/quotes/../../../../secrets/token-signing.pem",
    "/api/invoices/..%2f..%2flivez",
    "/api//quotes/../../openapi.json",
    "/api/quotes%00/../ops/status",
]
"""Ways out of the folder, as they go on the wire."""
BAD_ADDRESSES = [
    ("/api/quotes?limit=0", "staff", 422, ["/query/limit"]),
    ("/api/quotes?limit=201", "staff", 422, ["/query/limit"]),
    ("/api/quotes/7", "staff", 422, ["/path/quote"]),
    ("/api/quotes/%00", "staff", 422, ["/path/quote"]),
    (f"/api/choices/{CANARY}", None, 422, ["/path/visitor"]),
    (f"/api/choices/{UNKNOWN}?at=2026-02-30T00:00:00Z", None, 422, ["/query/at"]),
    (f"/api/choices/{UNKNOWN}?at=0001-01-01T00:00:00%2B14:00", None, 422, ["/query/at"]),
    ("/api/consent-history?from=yesterday", "auditor", 422, ["/query/from"]),
    ("/api/due?before=2027-02-30", "staff", 422, ["/query/before"]),
    ("/api/invoices/%00", "staff", 404, []),
]
"""Path and query, the role that asks, the status, and what must be named."""
INSIDE = [
    ("GET", "/api/quotes", "auditor"),
    ("GET", f"/api/quotes/{UNKNOWN}", "operator"),
    ("POST", f"/api/quotes/{UNKNOWN}/offer", "operator"),
    ("POST", f"/api/quotes/{UNKNOWN}/project/start", "auditor"),
    ("POST", f"/api/quotes/{UNKNOWN}/project/completion", "auditor"),
    ("GET", "/api/consent-history", "staff"),
    ("GET", f"/api/rights-requests/{UNKNOWN}", "auditor"),
    ("POST", "/api/erasures", "auditor"),
    ("GET", "/api/due", "auditor"),
    ("POST", "/api/sweep", "staff"),
    ("POST", "/api/sweep/confirmation", "auditor"),
    ("POST", "/api/shred", "staff"),
    ("GET", "/api/orders", "operator"),
    ("GET", "/api/invoices/2026-0001", "auditor"),
]
"""Method, door, and a role that may not come in."""
UNKNOWN_IDS = [
    (f"/api/quotes/{UNKNOWN}", "staff", None),
    (f"/api/quotes/{UNKNOWN}/offer", "staff", OFFER),
    (f"/api/quotes/{UNKNOWN}/project/start", "staff", {}),
    (f"/api/quotes/{UNKNOWN}/project/completion", "staff", {"delivered_on": "2026-01-01"}),
    (f"/api/choices/{UNKNOWN}", None, None),
    (f"/api/rights-requests/{UNKNOWN}", "staff", None),
    (f"/api/erasures/{UNKNOWN}", "staff", None),
    (f"/api/erasures/{UNKNOWN}/certificate", None, None),
    ("/api/erasures", "staff", {"record": UNKNOWN}),
    (f"/api/orders/{UNKNOWN}", "staff", None),
    ("/api/invoices/2020-0001", "staff", None),
    ("/api/invoices/2020-0001/document", "staff", None),
    ("/api/evidence/nobody", None, None),
]
"""Doors to what was never there, the role that asks, and the body."""
DOORS: dict[str, tuple[str | None, Json]] = {
    "/api/quotes": (None, QUOTE),
    "/api/choices": (None, CHOICE),
    "/api/rights-requests": (None, RIGHT),
    f"/api/quotes/{UNKNOWN}/acceptance": (None, {"party": {"name": "K", "vat_number": "NL1"}}),
    f"/api/quotes/{UNKNOWN}/offer": ("staff", OFFER),
}
"""Doors to write at, the role that may, and a good body."""
