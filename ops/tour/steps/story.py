"""Step 4: an operator reads the life of one record."""

from ops.tour.walk import Walk

TITLE = "The story of one record, as an operator sees it"
EXPECTED = (
    "QuoteRequested",
    "QuoteOffered",
    "QuoteAccepted",
    "OrderPlaced",
    "ProjectCompleted",
    "InvoiceIssued",
    "InvoiceHoldPlaced",
    "ClockStarted",
)


def take(walk: Walk) -> None:
    """The whole story is there, told by four services, and names nobody."""
    quote = walk.quotes["dutch"]
    facts = walk.operator.run("events", "story", quote)["items"]
    names = [fact["name"] for fact in facts]
    services = sorted({fact["service"] for fact in facts})
    missing = [name for name in EXPECTED if name not in names]
    walk.telling.check(
        "Everything that happens to a record is on record",
        holds=not missing,
        seen=f"{len(facts)} facts from {', '.join(services)}: {' → '.join(dict.fromkeys(names))}"
        if not missing
        else f"missing {missing}",
    )
    text = str(facts)
    leaked = [word for word in walk.people["dutch"]["canaries"] if word in text]
    walk.telling.check(
        "Nobody needs to see a person to follow a record",
        holds=not leaked,
        seen="the personal parts are shown as sealed",
    )
