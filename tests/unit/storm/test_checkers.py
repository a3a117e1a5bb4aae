"""Every checker passes a healthy world and catches each fault planted in it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from libs.keyring.journal import Erased
from libs.keyring.journal import Journal as ErasureJournal
from tests.storm import (
    answering,
    bounds,
    choosing,
    conservation,
    forgetting,
    holding,
    journaling,
    terms,
    transport,
)
from tests.storm.dumps import Called, Choice, Dump, Fact, Hold, Journal, Parked, Posted, Row, Term
from tests.storm.history import History, Operation, Outcome
from tests.storm.verdict import Verdict
from tests.unit.storm.worlds import (
    ERASED_AT,
    ERASURE,
    GARBAGE,
    GONE,
    NOBODY,
    ORDERED,
    VISITOR,
    YEAR_OVER,
    healthy,
    operations,
    with_log,
)

DONE = operations(
    ("quote", "t1", Outcome.OK), ("accept", "t2", Outcome.OK), ("erase", "t4", Outcome.OK)
)
Checker = Callable[[Dump], Verdict]
CHECKERS: dict[str, Checker] = {
    "commands": lambda dump: conservation.check_commands(DONE, dump),
    "effects": conservation.check_effects,
    "views": conservation.check_views,
    "order": transport.check_order,
    "topics": transport.check_topics,
    "offsets": lambda dump: transport.check_offsets(dump, []),
    "liveness": lambda dump: transport.check_liveness(dump, drained=True, waited_seconds=1),
    "parked": transport.check_parked,
    "erasures": forgetting.check_erasures,
    "gone": lambda dump: forgetting.check_gone(dump, {GONE: False, ORDERED: True}),
    "decisions": holding.check_decisions,
    "sealed": forgetting.check_sealed,
    "holds": holding.check_holds,
    "choices": choosing.check_choices,
    "journal": lambda dump: journaling.check_journal(dump, Path("no journal"), []),
    "terms": terms.check_terms,
    "poison": transport.check_poison,
}


def _without(dump: Dump, service: str, event_id: str) -> Dump:
    log = [one for one in dump.services[service].log if one.event_id != event_id]
    return with_log(dump, service, log)


def _with(dump: Dump, service: str, fact: Fact) -> Dump:
    return with_log(dump, service, [*dump.services[service].log, fact])


def _posted(dump: Dump, *more: Posted) -> Dump:
    return replace(dump, topics=[*dump.topics, *more])


def _changed(dump: Dump, service: str, **fields: object) -> Dump:
    spoilt = replace(dump.services[service], **fields)  # type: ignore[arg-type]
    return replace(dump, services={**dump.services, service: spoilt})


def _certified(dump: Dump, **fields: object) -> Dump:
    spoilt = replace(dump.erasures[0], **fields)  # type: ignore[arg-type]
    return replace(dump, erasures=[spoilt])


PLANTED: dict[str, tuple[str, Callable[[Dump], Dump]]] = {
    "a done command without its fact": ("commands", lambda it: _without(it, "quotes", "q1")),
    "a command done twice": (
        "commands",
        lambda it: _with(it, "quotes", Fact("q9", "x", 1, "QuoteRequested", trace="t1")),
    ),
    "an order that billing never placed": ("effects", lambda it: _without(it, "billing", "b1")),
    "a clock started twice": (
        "effects",
        lambda it: _with(it, "retention", Fact("r9", ORDERED, 3, "ClockStarted", "q1", "t1")),
    ),
    "a fact that a listener did not hear": (
        "effects",
        lambda it: _changed(it, "retention", heard={}),
    ),
    "a record without its row": (
        "views",
        lambda it: replace(it, views={**it.views, "quote_status": [Row(GONE, 2)]}),
    ),
    "a row of nobody": (
        "views",
        lambda it: replace(it, views={**it.views, "order_register": [Row(GONE, 2)]}),
    ),
    "a version left out": ("order", lambda it: _without(it, "quotes", "q1")),
    "messages that changed places": (
        "order",
        lambda it: _posted(
            it,
            Posted("quotes.events", 1, 0, "x2", "x", 2),
            Posted("quotes.events", 1, 1, "x1", "x", 1),
        ),
    ),
    "a fact that was never sent": (
        "topics",
        lambda it: replace(it, topics=[one for one in it.topics if one.event_id != "b1"]),
    ),
    "a message of no log": (
        "topics",
        lambda it: _posted(it, Posted("quotes.events", 0, 7, "x", "x", 1)),
    ),
    "a partition not read to its end": (
        "offsets",
        lambda it: _changed(it, "billing", offsets={("quotes.events", 0): 98}),
    ),
    "a fact still unsent": ("liveness", lambda it: _changed(it, "quotes", outbox=1)),
    "an effect still owed": ("liveness", lambda it: _changed(it, "consent", effects=1)),
    "a record held up for ever": (
        "liveness",
        lambda it: _changed(it, "billing", held_back=[("quotes.events", ORDERED)]),
    ),
    "an erasure without an end": ("liveness", lambda it: _certified(it, completed=False)),
    "garbage dropped in silence": ("parked", lambda it: _changed(it, "billing", parked=[])),
    "a good message parked": (
        "parked",
        lambda it: _changed(it, "quotes", parked=[Parked("retention.events", 0, 3, "gap")]),
    ),
    "an owner that did not answer": ("erasures", lambda it: _without(it, "consent", "c1")),
    "a certificate that says less": ("erasures", lambda it: _certified(it, certified=frozenset())),
    "a forged certificate": ("erasures", lambda it: _certified(it, is_signed=False)),
    "a key that outlived its erasure": (
        "gone",
        lambda it: replace(it, keys=it.keys | {(GONE, "quote")}),
    ),
    "a box that outlived its erasure": (
        "gone",
        lambda it: replace(it, views={**it.views, "quote_status": [Row(GONE, 2, has_box=True)]}),
    ),
    "an erasure that a door does not know": (
        "gone",
        lambda it: replace(it, erased={**it.erased, (ORDERED, "quote"): ERASURE}),
    ),
    "an order without its hold": ("decisions", lambda it: replace(it, holds=frozenset())),
    "an order half erased": (
        "decisions",
        lambda it: replace(it, erased={**it.erased, (ORDERED, "billing"): ERASURE}),
    ),
    "a hold without an order": (
        "decisions",
        lambda it: replace(it, holds=it.holds | {(GONE, "billing")}),
    ),
}


PLANTED |= {
    "a fact sealed after the owner's answer": (
        "sealed",
        lambda it: _with(it, "quotes", Fact("q9", GONE, 3, "QuoteRequested")),
    ),
    "a fact sealed with a key remembered too long": (
        "sealed",
        lambda it: _with(
            it,
            "billing",
            Fact(
                "b9",
                GONE,
                0,
                "QuoteRequested",
                recorded_at=ERASED_AT + forgetting.REMEMBERED + timedelta(seconds=1),
            ),
        ),
    ),
    "a hold released before its day": (
        "holds",
        lambda it: replace(it, order_holds=[*it.order_holds, Hold(ORDERED, 3, None, it.now)]),
    ),
    "a hold that stays past its day": (
        "holds",
        lambda it: replace(it, order_holds=[Hold(ORDERED, 2, date(2025, 12, 31))]),
    ),
    "a hold that ends within a year": (
        "holds",
        lambda it: replace(it, order_holds=[Hold(ORDERED, 2, date(2033, 6, 30))]),
    ),
    "a held part destroyed": (
        "holds",
        lambda it: replace(it, unreadable={(ORDERED, "billing"): ERASED_AT}),
    ),
    "a part that survived without a hold": (
        "holds",
        lambda it: replace(it, keys=it.keys | {(GONE, "billing")}),
    ),
    "an order let go of that still has its key": (
        "decisions",
        lambda it: _with(it, "billing", Fact("b9", ORDERED, 2, "InvoiceHoldReleased")),
    ),
    "a choice that counts as the one before": (
        "choices",
        lambda it: replace(it, choices_now=[it.choices[0]]),
    ),
    "a choice that outlived its erasure": (
        "choices",
        lambda it: replace(it, erased={**it.erased, (VISITOR, "consent"): ERASURE}),
    ),
    "a choice that nobody made": (
        "choices",
        lambda it: replace(it, choices_now=[*it.choices_now, Choice("x", 1, frozenset())]),
    ),
    "an erasure that is not journaled": ("journal", lambda it: replace(it, journal=Journal())),
    "a journaled erasure that nobody knows": (
        "journal",
        lambda it: replace(it, journal=Journal({**it.journal.lines, "r9": frozenset()})),
    ),
    "a journal with a broken chain": (
        "journal",
        lambda it: replace(it, journal=Journal(it.journal.lines, "line 2 does not follow")),
    ),
    "a term that ends a day early": (
        "terms",
        lambda it: replace(
            it, terms=[Term((GONE, "quote"), 1, "q3", YEAR_OVER - timedelta(days=1))]
        ),
    ),
    "a term that counts from nothing": (
        "terms",
        lambda it: replace(it, terms=[*it.terms, Term((GONE, "quote"), 1, "x", YEAR_OVER)]),
    ),
    "a record called due too early": (
        "terms",
        lambda it: replace(
            it, called=[Called((GONE, "quote"), 2, YEAR_OVER - timedelta(seconds=1))]
        ),
    ),
    "a record without a term called due": (
        "terms",
        lambda it: replace(it, called=[Called((GONE, "billing"), 2, YEAR_OVER)]),
    ),
    "a request due a day late": (
        "terms",
        lambda it: replace(
            it,
            anchors={**it.anchors, "c2": replace(it.anchors["c2"], on=date(2026, 2, 2))},
        ),
    ),
    "a record stalled behind another one's poison": (
        "poison",
        lambda it: _changed(it, "billing", heard={"quotes.events": {GONE: 2}}),
    ),
    "poison that was gone over": ("poison", lambda it: _changed(it, "billing", held_back=[])),
}


@pytest.mark.parametrize("name", CHECKERS)
def test_a_healthy_world_passes(name: str) -> None:
    """Where everything is right, every checker looks at something and finds nothing."""
    verdict = CHECKERS[name](healthy())
    assert verdict.holds, verdict.lines()


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_caught(fault: str) -> None:
    """Where one thing is wrong, its checker says so."""
    checker, plant = PLANTED[fault]
    assert CHECKERS[checker](plant(healthy())).violations


@pytest.mark.parametrize(
    ("outcome", "trace", "is_right"),
    [
        (Outcome.FAIL, "nowhere", True),
        (Outcome.FAIL, "t1", False),
        (Outcome.UNKNOWN, "nowhere", True),
        (Outcome.UNKNOWN, "t1", True),
        (Outcome.OK, "nowhere", False),
    ],
)
def test_what_a_client_was_told_counts(outcome: Outcome, trace: str, *, is_right: bool) -> None:
    """A refusal leaves nothing, an unclear answer leaves at most one fact, a yes exactly one."""
    told: list[Operation] = operations(("quote", trace, outcome))
    assert conservation.check_commands(told, healthy()).holds is is_right


def test_a_refusal_leaves_no_fact_of_any_name() -> None:
    """Nothing follows from what was refused, whatever it is called."""
    told = operations(("offer", "t1", Outcome.FAIL))
    assert not conservation.check_commands(told, healthy()).holds


def test_an_offset_told_ahead_is_caught() -> None:
    """Kafka may never be told more than Postgres has."""
    samples = [("billing", "quotes.events", 0, 5, 4)]
    assert not transport.check_offsets(healthy(), samples).holds


def test_repeats_of_messages_are_no_fault() -> None:
    """At least once is what the bus promises."""
    dump = healthy()
    again = [replace(one, offset=one.offset + 50) for one in dump.topics if one != GARBAGE]
    spoilt = replace(dump, topics=[*dump.topics, *again])
    assert transport.check_order(spoilt).holds
    assert transport.check_topics(spoilt).holds


def test_a_record_of_the_storm_s_own_garbage_may_be_held_up() -> None:
    """What nobody can read holds up its own record, and no other."""
    garbage = Posted("quotes.events", 0, 98, None, "nobody", 1, is_garbage=True)
    dump = _changed(_posted(healthy(), garbage), "billing", held_back=[("quotes.events", NOBODY)])
    assert CHECKERS["liveness"](dump).holds


def test_a_checker_that_saw_nothing_does_not_hold() -> None:
    """An empty world proves nothing."""
    assert not transport.check_order(Dump()).holds


@pytest.mark.parametrize(
    ("memory", "queue", "disk"),
    [(501, 0, 0), (1, bounds.QUEUE_ROWS_MAX + 1, 0), (1, 0, 10 * bounds.DISK_BYTES_FREE_OF_FACTS)],
)
def test_what_grows_past_its_bound_is_caught(memory: int, queue: int, disk: int) -> None:
    """Memory, queues and disk each have a bound."""
    sizes = {"quotes": [memory * bounds.MEGABYTE, 1]}
    assert not bounds.check_bounds(sizes, {"quotes, owed": [queue]}, (disk, 10)).holds
    assert bounds.check_bounds({"quotes": [1]}, {"quotes, owed": [1]}, (1, 10)).holds


def test_a_stranger_answered_otherwise_is_caught() -> None:
    """Somebody unknown gets the answer of somebody known."""
    history = History()
    history.faces["known"]["202, 10 bytes"] += 2
    history.faces["unknown"]["202, 10 bytes"] += 1
    assert answering.check_strangers(history).holds
    history.faces["unknown"]["202, 9 bytes"] += 1
    assert not answering.check_strangers(history).holds


def test_a_journal_that_shrank_is_caught(tmp_path: Path) -> None:
    """A head that was seen while the storm raged is still met at its end."""
    path = tmp_path / "erasures.jsonl"
    journal, heads = ErasureJournal(path), []
    for number in range(3):
        erased = Erased(
            event=UUID(int=number),
            erasure=UUID(int=9),
            record=UUID(int=8),
            categories=("quote",),
            unreadable_since=ERASED_AT,
        )
        heads.append(journal.append(erased, written_at=ERASED_AT))
    assert journaling.check_journal(healthy(), path, heads).holds
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    assert not journaling.check_journal(healthy(), path, heads).holds


def test_what_was_held_without_a_day_may_be_tried_again() -> None:
    """A hold that was placed and never dated has no term; its erasure comes back for it."""
    place = (GONE, "billing")
    held = replace(healthy(), held={place: frozenset({ERASURE})})
    assert terms.check_terms(replace(held, called=[Called(place, 2, YEAR_OVER)])).holds
