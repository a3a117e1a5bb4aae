"""Views rebuilt while an erasure goes on: fact by fact, and from topics in any order of records."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from libs.events.recorded import Recorded
from libs.events.values import Owner
from libs.events.view import Key, View, fold_rows
from services.quotes.main import QUOTE_STATUS
from services.retention.main import CLOCK_VIEW, ERASURE_VIEW
from tests.simulation.course import Course
from tests.simulation.pairs import MESSAGES, Pair
from tests.simulation.promises import Broken

VIEWS: dict[Owner, tuple[View[Any], ...]] = {
    Owner.QUOTES: (QUOTE_STATUS,),
    Owner.RETENTION: (CLOCK_VIEW, ERASURE_VIEW),
}


def folded(view: View[Any], facts: Sequence[Recorded]) -> dict[Key, Any]:
    """The rows that these facts make, one after the other."""
    rows: dict[Key, Any] = {}
    for fact in facts:
        if type(fact.event) in view.hears:
            rows |= fold_rows(view, rows, [fact])
    return rows


def orders_of(facts: Sequence[Recorded]) -> list[list[Recorded]]:
    """The facts as topics may give them: each record in order, the records first or last."""
    records = sorted({fact.record for fact in facts})
    return [
        [fact for record in some for fact in facts if fact.record == record]
        for some in (records, records[::-1])
    ]


def views_are_the_same_in_any_order(course: Course) -> None:
    """I2: a view from its topic is the view from the log, whatever came first, also heard twice.

    Raises: Broken.
    """
    for owner, views in VIEWS.items():
        said = course.world.said.get(owner, ())
        for view in views:
            live = folded(view, said)
            for order in orders_of(said):
                _is_the_same(view, live, folded(view, [*order, *order]))


def _is_the_same(view: View[Any], live: dict[Key, Any], rebuilt: dict[Key, Any]) -> None:
    if rebuilt != live:
        differing = [key for key in {*live, *rebuilt} if live.get(key) != rebuilt.get(key)]
        message = f"I2: {view.name} rebuilt from its topic differs in {differing}"
        raise Broken(message)


def _looked_at(pair: Pair) -> Pair:
    return replace(pair, at_end=views_are_the_same_in_any_order)


REBUILDS: dict[str, Pair] = {
    "rebuild": _looked_at(MESSAGES["rebuild"]),
    "rebuild after two erasures": _looked_at(MESSAGES["second erasure"]),
}
"""Erasures after which, and during which, views are built again."""
