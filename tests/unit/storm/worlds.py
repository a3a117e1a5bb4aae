"""A small healthy world for the checkers, and ways to spoil it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tests.storm.dumps import (
    LONG_AGO,
    Anchor,
    Called,
    Choice,
    Dump,
    ErasureDump,
    Fact,
    Hold,
    Journal,
    Parked,
    Posted,
    Row,
    ServiceDump,
    Term,
)
from tests.storm.history import Operation, Outcome

ORDERED, GONE, ERASURE, VISITOR, NOBODY = "ordered", "gone", "erasure", "visitor", "nobody"
YEAR_OVER = datetime(2027, 1, 1, 23, tzinfo=UTC)
ERASED_AT = LONG_AGO + timedelta(hours=1)
GARBAGE = Posted("quotes.events", 0, 99, None, None, None, is_garbage=True)
POISON = Posted("quotes.events", 1, 0, "p1", NOBODY, 1, is_garbage=True)
BEHIND = Posted("quotes.events", 1, 1, "q1", ORDERED, 1)
"""A repeat that came after the poison on its partition."""


def healthy() -> Dump:
    """One record that was ordered and one that was erased, and garbage where it belongs."""
    logs = {
        "quotes": [
            Fact("q1", ORDERED, 1, "QuoteRequested", trace="t1"),
            Fact("q2", ORDERED, 2, "QuoteAccepted", trace="t2"),
            Fact("q3", GONE, 1, "QuoteRequested", trace="t3"),
            Fact("q4", GONE, 2, "RecordScrubbed", "r4", "t4"),
        ],
        "consent": [Fact("c1", GONE, 1, "RecordScrubbed", "r4", "t4")],
        "billing": [
            Fact("b1", ORDERED, 1, "OrderPlaced", "q2", "t2"),
            Fact("b2", GONE, 1, "RecordScrubbed", "r4", "t4"),
        ],
        "retention": [
            Fact("r1", ORDERED, 1, "ClockStarted", "q1", "t1"),
            Fact("r2", ORDERED, 2, "ClockStarted", "q2", "t2"),
            Fact("r3", ERASURE, 1, "ErasureBegun", trace="t4"),
            Fact("r4", GONE, 1, "RecordErased", trace="t4"),
        ],
    }
    return Dump(
        services={name: _service(name, logs) for name in logs},
        topics=[*_topics(logs), GARBAGE, POISON, BEHIND],
        ends={("quotes.events", 0): 100},
        views={
            "quote_status": [Row(ORDERED, 2, has_box=True), Row(GONE, 2)],
            "order_register": [Row(ORDERED, 1, has_box=True)],
        },
        erased={(GONE, "quote"): ERASURE},
        unreadable={(GONE, "quote"): ERASED_AT},
        erased_by={"r4": frozenset({(GONE, "quote")})},
        journal=Journal({"r4": frozenset({(GONE, "quote")})}),
        erasures=[_erasure()],
        keys=frozenset({(ORDERED, "quote"), (ORDERED, "billing")}),
        holds=frozenset({(ORDERED, "billing")}),
        situations={(ORDERED, "billing"): "held", (GONE, "quote"): "erased"},
        terms=[Term((GONE, "quote"), 1, "q3", YEAR_OVER)],
        anchors={
            "q3": Anchor("QuoteRequested", LONG_AGO),
            "c2": Anchor("RightsRequestReceived", LONG_AGO, LONG_AGO, date(2026, 2, 1)),
        },
        called=[Called((GONE, "quote"), 2, YEAR_OVER)],
        order_holds=[Hold(ORDERED, 2, date(2033, 12, 31))],
        choices=[
            Choice(VISITOR, 1, frozenset({"marketing"})),
            Choice(VISITOR, 2, frozenset({"functional"})),
        ],
        choices_now=[Choice(VISITOR, 2, frozenset({"functional"}))],
        now=LONG_AGO + timedelta(days=2),
    )


def _erasure() -> ErasureDump:
    certified = frozenset({(GONE, "quote")})
    return ErasureDump(ERASURE, frozenset({GONE}), completed=True, certified=certified)


def _service(name: str, logs: dict[str, list[Fact]]) -> ServiceDump:
    hears = {"billing": ("quotes", "retention"), "retention": ("quotes", "consent", "billing")}
    heard = {
        f"{owner}.events": {fact.record: fact.version for fact in logs[owner]}
        for owner in hears.get(name, ("retention",))
    }
    is_near = name in hears
    return ServiceDump(
        log=logs[name],
        heard=heard,
        scrubbed={
            (fact.record, "quote"): fact.version
            for fact in logs[name]
            if fact.name == "RecordScrubbed"
        },
        held_back=[("quotes.events", NOBODY)] if is_near else [],
        parked=[
            Parked("quotes.events", 0, 99, "unreadable"),
            Parked("quotes.events", 1, 0, "newer"),
        ]
        if is_near
        else [],
        offsets={("quotes.events", 0): 100} if is_near else {},
    )


def _topics(logs: dict[str, list[Fact]]) -> list[Posted]:
    return [
        Posted(f"{name}.events", 0, at, fact.event_id, fact.record, fact.version)
        for name, log in logs.items()
        for at, fact in enumerate(log)
    ]


def operations(*outcomes: tuple[str, str, Outcome]) -> list[Operation]:
    """A history of these kinds, traces and outcomes."""
    return [
        Operation(
            kind=kind,
            trace=trace,
            key=f"key-{trace}",
            record=None,
            outcome=outcome,
            status=0,
            tries=1,
            began_seconds=0.0,
            took_seconds=0.0,
        )
        for kind, trace, outcome in outcomes
    ]


def with_log(dump: Dump, service: str, log: Sequence[Fact]) -> Dump:
    """The same world with another log of one service."""
    spoilt = replace(dump.services[service], log=log)
    return replace(dump, services={**dump.services, service: spoilt})
