"""I14: every term ends when an independent calendar says so, and nothing is called due before."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from tests.storm.calendar_oracle import day_after, day_of, months_after, years_after_year_end
from tests.storm.dumps import Anchor, Called, Dump, Place, Term
from tests.storm.verdict import Verdict

MONTHS_KEPT, REQUEST_MONTHS, EXTENSION_MONTHS, BOOK_YEARS = 12, 1, 2, 7
MAY_GO_EARLIER = "rights_request"
"""Who asked is forgotten as soon as they were told, whatever the term."""

Ends = Callable[[Anchor], datetime]


def _after_contact(anchor: Anchor) -> datetime:
    return months_after(day_of(anchor.recorded_at), MONTHS_KEPT)


def _after_project(anchor: Anchor) -> datetime:
    assert anchor.on is not None
    return months_after(max(anchor.on, day_of(anchor.recorded_at)), MONTHS_KEPT)


def _after_books(anchor: Anchor) -> datetime:
    return years_after_year_end(day_of(anchor.recorded_at), BOOK_YEARS)


def _after_request(anchor: Anchor, more_months: int = 0) -> datetime:
    assert anchor.at is not None
    return months_after(day_of(anchor.at), REQUEST_MONTHS + more_months)


def _after_hold(anchor: Anchor) -> datetime:
    assert anchor.on is not None
    return day_after(anchor.on)


ENDS: dict[str, Ends] = {
    "QuoteRequested": _after_contact,
    "QuoteOffered": _after_contact,
    "QuoteDeclined": _after_contact,
    "QuoteExpired": _after_contact,
    "QuoteAccepted": _after_books,
    "ProjectCompleted": _after_project,
    "ConsentChanged": _after_contact,
    "RightsRequestReceived": _after_request,
    "ErasureRequested": lambda anchor: _after_request(anchor, EXTENSION_MONTHS),
    "InvoiceHoldPlaced": _after_hold,
    "InvoiceHoldReleased": lambda anchor: anchor.recorded_at,
}
"""When the term that a fact begins is over, by the policy's words and another calendar."""


def check_terms(dump: Dump) -> Verdict:
    """Every term ends on its day, every request is answered in its month, nothing goes early."""
    verdict = Verdict("I14", "terms end when another calendar says so, nothing is due earlier")
    by_place: dict[Place, list[Term]] = defaultdict(list)
    for term in dump.terms:
        by_place[term.place].append(term)
        anchor = dump.anchors.get(term.cause)
        ends_at = ENDS[anchor.name](anchor) if anchor else None
        verdict.demand(
            ends_at == term.due_at,
            f"{term.place} by {term.cause} ends {term.due_at}, not {ends_at}",
        )
    for called in dump.called:
        before = [one for one in by_place[called.place] if one.version < called.version]
        may_go = _may_go(called, before, dump)
        verdict.demand(may_go, f"{called.place} was called due early, {called.at}")
    _check_requests(verdict, dump)
    return verdict


def _may_go(called: Called, before: Sequence[Term], dump: Dump) -> bool:
    """Its last term is over; or it has none, and an erasure that met a hold is tried again."""
    if called.place[1] == MAY_GO_EARLIER:
        return True
    return before[-1].due_at <= called.at if before else called.place in dump.held


def _check_requests(verdict: Verdict, dump: Dump) -> None:
    for event_id, anchor in dump.anchors.items():
        if anchor.name in ("RightsRequestReceived", "ErasureRequested"):
            is_right = anchor.on is not None and day_after(anchor.on) == _after_request(anchor)
            verdict.demand(is_right, f"the request {event_id} is due on {anchor.on}")
