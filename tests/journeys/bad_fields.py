"""Bad fields, each with the pointer that its problem must hold, and strategies for more."""

from typing import Any

from hypothesis import strategies as some

from tests.journeys.calling import CANARY, CHOICE, QUOTE, RIGHT, Json

FAR = "ab" * 20_000
BAD_QUOTES: dict[str, tuple[Json, str]] = {
    "number for text": ({"name": 7}, "/name"),
    "list for text": ({"email": [CANARY]}, "/email"),
    "text for an object": ({"billing_address": CANARY}, "/billing_address"),
    "unknown field": ({"nickname": CANARY}, "/nickname"),
    "unknown inner field": ({"budget": {"amount": "1", "tip": CANARY}}, "/budget/tip"),
    "unknown field with a slash": ({"a/b~c": CANARY}, "/a~1b~0c"),
    "missing": ({"email": ...}, "/email"),
    "empty name": ({"name": "  "}, "/name"),
    "lone surrogate": ({"name": f"{CANARY}\ud800"}, "/name"),
    "lone surrogate in an address": ({"email": f"{CANARY}\udfff@x.example"}, "/email"),
    "lone surrogate in the brief": ({"brief": f"{CANARY}\ud800"}, "/brief"),
    "NUL": ({"name": f"{CANARY}\0"}, "/name"),
    "NUL in the brief": ({"brief": f"{CANARY}\0x"}, "/brief"),
    "line break in a line": ({"company": f"{CANARY}\nBcc: x@x.example"}, "/company"),
    "direction override": ({"name": f"{CANARY}\u202egpj.exe"}, "/name"),
    "direction isolate": ({"company": f"{CANARY}\u2066x"}, "/company"),
    "display name": ({"email": f"Kiri <kiri@{CANARY}.example>"}, "/email"),
    "two addresses": ({"email": f"a@{CANARY}.example, b@{CANARY}.example"}, "/email"),
    "no domain": ({"email": f"{CANARY}@"}, "/email"),
    "wrong check digits": ({"vat_number": "NL123456789B01"}, "/vat_number"),
    "no country": ({"vat_number": CANARY}, "/vat_number"),
    "fractions of a cent": ({"budget": {"amount": "10.005"}}, "/budget/amount"),
    "amount as a number": ({"budget": {"amount": 10.5}}, "/budget/amount"),
    "negative amount": ({"budget": {"amount": "-1.00"}}, "/budget/amount"),
    "other currency": ({"budget": {"amount": "1", "currency": "USD"}}, "/budget/currency"),
    "no such day": ({"deadline_on": "2027-02-30"}, "/deadline_on"),
    "leap day of another year": ({"deadline_on": "2027-02-29"}, "/deadline_on"),
    "moment for a day": ({"deadline_on": "2027-02-01T00:00:00Z"}, "/deadline_on"),
    "day as a number": ({"deadline_on": 20270201}, "/deadline_on"),
    "no such country": (
        {"billing_address": {**QUOTE["billing_address"], "country": "XX"}},
        "/billing_address/country",
    ),
    "language in words": ({"language": CANARY}, "/language"),
    "too long": ({"name": CANARY + FAR}, "/name"),
    "too long a brief": ({"brief": CANARY + FAR * 2}, "/brief"),
}
BAD_CHOICES: dict[str, tuple[Json, str]] = {
    "text for yes": ({"marketing": "yes"}, "/marketing"),
    "number for yes": ({"analytical": 1}, "/analytical"),
    "null for no": ({"functional": None}, "/functional"),
    "no to the necessary": ({"necessary": False}, "/necessary"),
    "nobody's id": ({"visitor": "00000000-0000-0000-0000-000000000000"}, "/visitor"),
    "no id": ({"visitor": CANARY}, "/visitor"),
    "unknown source": ({"source": CANARY}, "/source"),
    "unknown field": ({"email": f"kiri@{CANARY}.example"}, "/email"),
    "NUL": ({"notice_version": f"{CANARY}\0"}, "/notice_version"),
}
BAD_RIGHTS: dict[str, tuple[Json, str]] = {
    "unknown right": ({"right": CANARY}, "/right"),
    "display name": ({"email": f"Kiri <kiri@{CANARY}.example>"}, "/email"),
    "lone surrogate": ({"email": f"\ud800@{CANARY}.example"}, "/email"),
    "unknown field": ({"reason": CANARY}, "/reason"),
}
BAD = [
    (path, good, name, bad)
    for path, good, table in (
        ("/api/quotes", QUOTE, BAD_QUOTES),
        ("/api/choices", CHOICE, BAD_CHOICES),
        ("/api/rights-requests", RIGHT, BAD_RIGHTS),
    )
    for name, bad in table.items()
]
"""Door, good body, name of the fault, what it changes, and the field that must be named."""

# Every character there is, half ones and NUL included.
_text = some.text(some.characters(exclude_categories=()), max_size=24)
_edges = some.sampled_from(
    [
        *(
            "",
            " ",
            "\0",
            "\ud800",
            "\u202e",
            "e\u0301",
            "0",
            "1e400",
            "-1",
            "10.005",
            "9999999999.99",
        ),
        *("0001-01-01", "9999-12-31", "2027-02-29", "2026-12-31T00:00:00Z", "en", "EN", "NL"),
        *("NL123456782B90", "EL000000000", "XI", "..", "EU372000000", "DE" + "9" * 9),
        *("a@b.example", "a@bücher.example", '"a b"@b.example', "a@[127.0.0.1]", "@", "a" * 300),
        "00000000-0000-7000-8000-000000000000",
    ]
)
_leaves = some.one_of(
    some.none(), some.booleans(), some.integers(), some.floats(), _edges, _text, some.just(2**70)
)
_json = some.recursive(
    _leaves,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)


def near(good: Json) -> some.SearchStrategy[Any]:
    """Bodies near a good one, some fields changed, left out or added; and anything else at all."""
    names = some.sampled_from([*good, *_inner(good)]) | _text
    changes = some.dictionaries(names, _json | some.just(...), min_size=1, max_size=4)
    return some.one_of(changes.map(lambda changed: with_changes(good, changed)), _json)


def _inner(good: Json) -> list[str]:
    return [name for value in good.values() if isinstance(value, dict) for name in value]


def with_changes(good: Json, changed: Json) -> Json:
    """The body with some fields changed; `...` leaves one out, an inner name changes the inner."""
    body = {**good, **changed}
    for name, value in good.items():
        if isinstance(value, dict) and name not in changed:
            inner = {key: change for key, change in changed.items() if key in value}
            body = {key: one for key, one in body.items() if key not in inner}
            body[name] = _left({**value, **inner})
    return _left(body)


def _left(body: Json) -> Json:
    return {name: value for name, value in body.items() if value is not ...}
