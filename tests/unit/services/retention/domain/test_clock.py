"""What a record's clock decides."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.event import Event
from libs.events.testing.spec import spec
from libs.events.values import Category, RecordKind
from libs.events.vocabulary.retention import ClockStarted, RecordDue, RecordErased, RecordHeld
from services.retention.domain.clock import (
    CLOCK,
    CallDue,
    Command,
    Gone,
    Kept,
    NoteDestruction,
    Over,
    RunOut,
    StartClock,
)
from services.retention.domain.terms import Term, hold_term, released_term
from tests.unit.services.retention.facts import (
    BASIS,
    DUE_AT,
    ERASURE,
    NOW,
    UNTIL_ON,
    billing_clock,
    billing_due,
    billing_held,
    billing_held_open,
    billing_released,
    billing_told,
    clocks,
    erased,
    quote_clock,
    quote_due,
)

SECOND = timedelta(seconds=1)
OTHER_ERASURE = UUID(int=77)
QUOTE_TERM = Term(
    kind=RecordKind.QUOTE,
    category=Category.QUOTE,
    clause="5.1.quote",
    reason="a price was asked for",
    due_at=DUE_AT,
)
QUOTE_GONE = Gone(category=Category.QUOTE, at=NOW)
BILLING_KEPT = Kept(category=Category.BILLING, reason="order", basis=BASIS, until_on=UNTIL_ON)


def replace_due(started: ClockStarted, term: Term) -> ClockStarted:
    """The same clock, with another end."""
    return msgspec.structs.replace(started, due_at=term.due_at)


def replace_erasure(held: RecordHeld) -> RecordHeld:
    """The same hold, met by another erasure."""
    return msgspec.structs.replace(held, erasure=OTHER_ERASURE)


def destruction(*gone: Gone, kept: tuple[Kept, ...] = ()) -> NoteDestruction:
    """What the keyring did for the erasure."""
    return NoteDestruction(erasure=ERASURE, cause="request", gone=gone, kept=kept)


def test_clock_starts_once_for_the_same_term() -> None:
    """A term that runs already is not started again."""
    spec(CLOCK).when(StartClock(term=QUOTE_TERM)).then(quote_clock)
    spec(CLOCK).given(quote_clock).when(StartClock(term=QUOTE_TERM)).does_nothing()


def test_clock_starts_again_for_a_new_reason() -> None:
    """A contact moves the date, and its reason is kept."""
    later = replace(QUOTE_TERM, reason="an offer was sent", due_at=DUE_AT + SECOND)
    expected = ClockStarted(
        kind=RecordKind.QUOTE,
        category=Category.QUOTE,
        clause="5.1.quote",
        reason="an offer was sent",
        due_at=DUE_AT + SECOND,
    )
    spec(CLOCK).given(quote_clock).when(StartClock(term=later)).then(expected)


@pytest.mark.parametrize("past", [(quote_clock, quote_due), (quote_clock, erased(Category.QUOTE))])
def test_clock_never_starts_again_once_due_or_over(past: tuple[Event, ...]) -> None:
    """What is on its way out, or gone, is not kept longer by a late contact."""
    spec(CLOCK).given(*past).when(StartClock(term=QUOTE_TERM)).does_nothing()


def test_term_is_due_at_its_instant_and_not_a_second_earlier() -> None:
    """A term never ends early."""
    early = RunOut(category=Category.QUOTE, at=DUE_AT - SECOND)
    spec(CLOCK).given(quote_clock).when(early).does_nothing()
    on_time = RunOut(category=Category.QUOTE, at=DUE_AT)
    spec(CLOCK).given(quote_clock).when(on_time).then(quote_due)


def test_term_is_called_due_once() -> None:
    """Two sweeps that find the same term make one fact."""
    again = RunOut(category=Category.QUOTE, at=DUE_AT + SECOND)
    spec(CLOCK).given(quote_clock, quote_due).when(again).does_nothing()


HOLD_TERM = hold_term(Category.BILLING, UNTIL_ON, BASIS)
HOLD_ENDS = RunOut(category=Category.BILLING, at=billing_clock.due_at)
LATER_HOLD = Term(
    kind=RecordKind.QUOTE,
    category=Category.BILLING,
    clause="5.1.billing",
    reason=BASIS,
    due_at=billing_clock.due_at + timedelta(days=365),
)


@pytest.mark.parametrize("past", [(billing_clock,), (billing_clock, billing_held), (billing_held,)])
def test_end_of_a_hold_is_told_once(past: tuple[Event, ...]) -> None:
    """The sweep says when a hold's last day is past, not a second earlier, and not again."""
    early = RunOut(category=Category.BILLING, at=billing_clock.due_at - SECOND)
    spec(CLOCK).given(*past).when(early).does_nothing()
    spec(CLOCK).given(*past).when(HOLD_ENDS).then(billing_told)
    spec(CLOCK).given(*past, billing_told).when(HOLD_ENDS).does_nothing()


def test_hold_stands_after_its_end_was_told() -> None:
    """Only its release ends a hold; an erasure that meets it then does not have it told again."""
    told = (billing_clock, billing_told, billing_held)
    assert CLOCK.fold(told).is_held(Category.BILLING)
    spec(CLOCK).given(*told).when(HOLD_ENDS).does_nothing()


def test_hold_that_moved_is_told_at_its_new_end() -> None:
    """A fresh hold begins anew, whatever was told of the one before."""
    moved = replace_due(billing_clock, LATER_HOLD)
    spec(CLOCK).given(billing_clock, billing_told).when(StartClock(term=LATER_HOLD)).then(moved)
    late = RunOut(category=Category.BILLING, at=LATER_HOLD.due_at)
    expected = RecordDue(category=Category.BILLING, clause="5.1.billing", due_at=LATER_HOLD.due_at)
    past = (billing_clock, billing_told, moved)
    spec(CLOCK).given(*past).when(HOLD_ENDS).does_nothing()
    spec(CLOCK).given(*past).when(late).then(expected)


def test_released_hold_is_called_due_for_erasure() -> None:
    """After its release the category is in the hands of the next sweep."""
    past = (billing_clock, billing_told, billing_released)
    spec(CLOCK).given(*past).when(HOLD_ENDS).then(billing_due)
    assert not CLOCK.fold((*past, billing_due)).is_held(Category.BILLING)


def test_hold_without_a_last_day_is_tried_again() -> None:
    """What an erasure met under a provisional hold is taken in hand again, each time once."""
    again = RunOut(category=Category.BILLING, at=NOW)
    spec(CLOCK).given(billing_held_open).when(again).then(billing_due)
    spec(CLOCK).given(billing_held_open, billing_due).when(again).does_nothing()
    past = (billing_held_open, billing_due, replace_erasure(billing_held_open))
    spec(CLOCK).given(*past).when(again).then(billing_due)


def test_hold_is_not_called_due_before_its_end() -> None:
    """Nothing but the end of its term or its release moves a held category."""
    call = CallDue(category=Category.BILLING, clause="5.1.billing", at=NOW)
    spec(CLOCK).given(billing_clock).when(call).does_nothing()


def test_hold_is_not_noted_on_what_is_over() -> None:
    """A destroyed key is not held any more."""
    command = destruction(kept=(BILLING_KEPT,))
    spec(CLOCK).given(erased(Category.BILLING)).when(command).does_nothing()


@pytest.mark.parametrize("past", [(billing_clock,), (billing_clock, billing_held)])
def test_released_category_is_due_at_once(past: tuple[Event, ...]) -> None:
    """A release ends the hold, also one that an erasure has met."""
    release = StartClock(term=released_term(Category.BILLING, NOW))
    spec(CLOCK).given(*past).when(release).then(billing_released)
    spec(CLOCK).given(*past, billing_released).when(release).does_nothing()


def test_release_stands_when_an_erasure_says_that_it_met_the_hold() -> None:
    """An erasure that asked before the release may tell of it afterwards: the term runs on."""
    past = (billing_clock, billing_told, billing_released, billing_held)
    spec(CLOCK).given(*past).when(HOLD_ENDS).then(billing_due)


def test_last_day_that_moved_on_does_not_move_back() -> None:
    """An erasure that asked before an invoice moved the hold tells an earlier day after it."""
    past = (billing_clock, replace_due(billing_clock, LATER_HOLD), billing_held)
    spec(CLOCK).given(*past).when(HOLD_ENDS).does_nothing()
    assert CLOCK.fold(past).is_held(Category.BILLING)


def test_answered_request_is_due_now_whatever_its_term() -> None:
    """Who asked is forgotten with the answer, not a month later."""
    call = CallDue(category=Category.QUOTE, clause="5.1.quote", at=NOW)
    expected = RecordDue(category=Category.QUOTE, clause="5.1.quote", due_at=NOW)
    spec(CLOCK).given(quote_clock).when(call).then(expected)
    spec(CLOCK).given(quote_clock, expected).when(call).does_nothing()


def test_destruction_is_noted_with_what_went_and_what_stays() -> None:
    """One fact names the destroyed categories, one each held category."""
    spec(CLOCK).given(quote_clock, billing_clock).when(
        destruction(QUOTE_GONE, kept=(BILLING_KEPT,))
    ).then(erased(Category.QUOTE), billing_held)


def test_destruction_is_noted_once() -> None:
    """A step that runs again after a crash adds no second fact."""
    spec(CLOCK).given(quote_clock, erased(Category.QUOTE), billing_held).when(
        destruction(QUOTE_GONE, kept=(BILLING_KEPT,))
    ).does_nothing()


def test_each_erasure_that_meets_a_hold_says_so() -> None:
    """A second request is told of the same hold."""
    command = NoteDestruction(erasure=OTHER_ERASURE, cause="request", gone=(), kept=(BILLING_KEPT,))
    expected = RecordHeld(
        erasure=OTHER_ERASURE,
        category=Category.BILLING,
        reason="order",
        basis=BASIS,
        until_on=UNTIL_ON,
    )
    spec(CLOCK).given(billing_held).when(command).then(expected)


def test_record_without_keys_gives_no_fact() -> None:
    """Nothing is said of a record that had nothing to destroy."""
    spec(CLOCK).when(destruction()).does_nothing()


COMMANDS = st.one_of(
    st.builds(
        StartClock,
        term=st.sampled_from(
            [QUOTE_TERM, HOLD_TERM, LATER_HOLD, released_term(Category.BILLING, NOW)]
        ),
    ),
    st.builds(
        RunOut,
        category=st.sampled_from([Category.QUOTE, Category.BILLING]),
        at=st.sampled_from([NOW, DUE_AT, DUE_AT + SECOND, LATER_HOLD.due_at]),
    ),
    st.builds(CallDue, category=st.sampled_from(Category), clause=st.just("x"), at=st.just(NOW)),
    st.builds(
        NoteDestruction,
        erasure=st.sampled_from([ERASURE, OTHER_ERASURE]),
        cause=st.just("term"),
        gone=st.lists(st.builds(Gone, category=st.sampled_from(Category), at=st.just(NOW))).map(
            lambda gone: tuple({one.category: one for one in gone}.values())
        ),
        kept=st.sampled_from([(), (BILLING_KEPT,), (replace(BILLING_KEPT, until_on=None),)]),
    ),
)


@given(st.lists(COMMANDS, max_size=12))
def test_a_category_is_erased_at_most_once_and_stays_over(commands: list[Command]) -> None:
    """Whatever is asked in whatever order, a key is said to be destroyed once and for ever."""
    state, gone = CLOCK.initial, list[Category]()
    for command in commands:
        for event in CLOCK.decide(command, state):
            state = CLOCK.evolve(state, event)
            gone += event.categories if isinstance(event, RecordErased) else ()
    assert len(gone) == len(set(gone))
    assert all(isinstance(state.of(category), Over) for category in gone)


@given(st.lists(COMMANDS, max_size=8), COMMANDS)
def test_the_same_command_twice_gives_nothing_the_second_time(
    past: list[Command], command: Command
) -> None:
    """Every command is idempotent, whatever came before."""
    state = CLOCK.initial
    for one in (*past, command):
        state = CLOCK.fold(CLOCK.decide(one, state), state)
    assert CLOCK.decide(command, state) == ()


@given(st.lists(COMMANDS, max_size=12))
def test_the_row_sends_the_sweep_where_the_clock_has_something_to_say(
    commands: list[Command],
) -> None:
    """What the sweep claims is decided, so that no row it cannot move keeps others from it."""
    state, events = CLOCK.initial, list[Event]()
    for command in commands:
        decided = CLOCK.decide(command, state)
        events, state = events + list(decided), CLOCK.fold(decided, state)
    for (_, category), row in clocks(*events).items():
        at = row.sweep_at or LATER_HOLD.due_at
        decided = CLOCK.decide(RunOut(category=Category(category), at=at), state)
        assert bool(decided) == bool(row.sweep_at)
