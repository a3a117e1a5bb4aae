"""The folds of consent's views."""

from functools import reduce
from typing import Any

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.values import Category
from services.consent.projections import (
    choice_now,
    consent_history,
    policy_version,
    rights_request,
)
from services.consent.projections.choice_now import ChoiceNow
from services.consent.projections.rights_request import RightsRequestRow
from tests.unit.services.consent.facts import (
    ALL,
    NONE,
    answered,
    carried_out,
    chosen,
    received,
    recorded,
    requested,
    scrubbed,
)


def _folded(view: Any, facts: tuple[Recorded, ...]) -> Any:
    return reduce(lambda row, one: view.fold(row, one, (one.record,)), facts, None)


def _choice(*events: Event) -> ChoiceNow | None:
    row: ChoiceNow | None = _folded(choice_now, recorded(*events))
    return row


def _request(*events: Event) -> RightsRequestRow | None:
    row: RightsRequestRow | None = _folded(rights_request, recorded(*events))
    return row


def test_present_choice_is_the_last_one() -> None:
    """What counts is what was said last."""
    row = _choice(chosen(ALL), chosen(NONE))
    assert row is not None
    assert (row.version, row.analytical) == (2, False)


def test_present_choice_ignores_a_repeated_fact() -> None:
    """A fact heard twice changes nothing."""
    first, second = recorded(chosen(ALL), chosen(NONE))
    row = _folded(choice_now, (first, second))
    assert choice_now.fold(row, first, (first.record,)) is row


def test_present_choice_goes_when_erased() -> None:
    """Nobody can ask for an erased visitor's choice, so none is kept."""
    assert _choice(chosen(ALL), scrubbed(Category.CONSENT)) is None


def test_present_choice_stays_when_something_else_is_erased() -> None:
    """A scrub of another category leaves the row."""
    assert _choice(chosen(ALL), scrubbed(Category.QUOTE)) is not None


def test_present_choice_is_not_made_by_a_scrub() -> None:
    """A record that never chose gets no row."""
    assert _choice(scrubbed(Category.CONSENT)) is None


def test_history_has_the_same_row_however_often_a_fact_is_heard() -> None:
    """A fact makes its row from itself alone."""
    (fact,) = recorded(chosen(ALL, gpc=True))
    row = consent_history.fold(None, fact, (fact.record, fact.version))
    assert consent_history.fold(row, fact, (fact.record, fact.version)) == row


def test_request_goes_from_receipt_to_answer() -> None:
    """The row follows the request, and keeps what went and what stays."""
    row = _request(received, requested, carried_out, answered)
    assert row is not None
    assert (row.stage, row.erasure, row.held, row.told) == (
        "completed",
        carried_out.erasure,
        carried_out.held,
        True,
    )


def test_request_forgets_its_address_when_erased() -> None:
    """The sealed address goes; what was done stays readable by its link."""
    row = _request(received, requested, carried_out, answered, scrubbed(Category.RIGHTS_REQUEST))
    assert row is not None
    assert (row.requester, row.erased_at is not None, row.stage) == (None, True, "completed")


def test_request_keeps_its_address_when_something_else_is_erased() -> None:
    """A scrub of another category leaves the box."""
    row = _request(received, scrubbed(Category.QUOTE))
    assert row is not None
    assert row.requester is not None


def test_request_is_not_made_by_a_scrub() -> None:
    """A record that is no request gets no row."""
    assert _request(scrubbed(Category.QUOTE)) is None


def test_request_ignores_a_repeated_fact() -> None:
    """A fact heard twice changes nothing."""
    facts = recorded(received, requested, carried_out)
    row = _folded(rights_request, facts)
    assert _folded(rights_request, (*facts, *facts)) == row


def test_policy_version_ignores_what_is_no_publication() -> None:
    """Only a publication makes a row."""
    (fact,) = recorded(chosen(ALL))
    assert policy_version.fold(None, fact, (fact.record, fact.version)) is None
