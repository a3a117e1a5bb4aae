"""What is kept until when, as told to the person."""

from datetime import date

import pytest

from libs.events.event import Event
from libs.events.values import Category
from libs.policy.loader import load_policy
from services.quotes.app.keeping import kept_of
from tests.unit.services.quotes.examples import (
    ACCEPTED,
    COMPLETED,
    OFFERED,
    REQUESTED,
    STARTED,
    Story,
    scrubbed,
)
from tests.unit.services.quotes.projections.test_quote_status import built

ORDERED = (REQUESTED, OFFERED, ACCEPTED)
BOOKS_END_ON = date(2033, 12, 31)


@pytest.mark.policy("5.1.quote")
@pytest.mark.parametrize(
    ("past", "until"),
    [
        ((REQUESTED,), {"quote": date(2027, 3, 1)}),
        (ORDERED, {"quote": BOOKS_END_ON, "billing": BOOKS_END_ON}),
        (
            (*ORDERED, STARTED, COMPLETED),
            {"quote": date(2027, 3, 1), "billing": BOOKS_END_ON},
        ),
        ((*ORDERED, scrubbed(Category.QUOTE)), {"quote": None, "billing": BOOKS_END_ON}),
        (
            (*ORDERED, scrubbed(Category.QUOTE, Category.BILLING)),
            {"quote": None, "billing": None},
        ),
    ],
)
def test_each_category_is_told_with_its_last_day(
    past: tuple[Event, ...], until: dict[str, date | None]
) -> None:
    """A quote tells each category it keeps with its last day, and none for what was erased."""
    kept = kept_of(built(Story().tell(*past)), load_policy())
    assert {one.category: one.until_on for one in kept} == until


@pytest.mark.policy("5.1.holds")
def test_billing_names_the_law() -> None:
    """What the law keeps is told with its article."""
    kept = kept_of(built(Story().tell(*ORDERED)), load_policy())
    assert "AWR art. 52(4)" in kept[1].why
