"""The one path of erasure, from every cause to its certificate."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from libs.events.values import Category, Money, Owner
from libs.events.vocabulary.billing import InvoiceHoldPlaced, InvoiceHoldReleased
from libs.events.vocabulary.consent import ErasureRequested, RightsRequestAnswered
from libs.events.vocabulary.quotes import QuoteExpired, QuoteOffered
from libs.events.vocabulary.retention import (
    ClockStarted,
    ErasureBegun,
    ErasureCompleted,
    RecordDue,
    RecordErased,
    RecordHeld,
)
from libs.keyring.keys import DataKey
from libs.keyring.openings import KeyringUnavailable, Shredded
from tests.unit.services.retention.app.world import HOLD, World
from tests.unit.services.retention.facts import (
    BASIS,
    NOW,
    OTHER,
    RECORD,
    REQUEST,
    UNTIL_ON,
)

REQUESTED = ErasureRequested(received_at=NOW, due_on=date(2026, 2, 28))
OFFERED = QuoteOffered(offer=1, amount=Money(cents=100), valid_until_on=date(2026, 3, 1))
HOLD_PLACED = InvoiceHoldPlaced(
    category=Category.BILLING, reason="order", basis=BASIS, until_on=UNTIL_ON
)
PROVISIONAL = replace(HOLD, until_on=None)
HOLD_RELEASED = InvoiceHoldReleased(category=Category.BILLING, reason="order")


async def requested_world() -> World:
    """A person with a lone quote and an ordered one has asked to be erased."""
    world = World()
    await world.keep(RECORD, "quote")
    await world.keep(OTHER, "quote", "billing")
    await world.keep(REQUEST, "rights_request", kind="rights_request")
    await world.hear(Owner.CONSENT, REQUEST, REQUESTED)
    return world


async def test_request_reaches_every_record_of_the_person_but_its_own() -> None:
    """The request itself goes last, because its address is needed for the answer."""
    world = await requested_world()
    assert [event.records for event in world.said(ErasureBegun)] == [(RECORD, OTHER)]


@pytest.mark.policy("6.erasure")
async def test_request_erases_the_quotes_and_keeps_what_the_law_holds() -> None:
    """The lone quote goes at once; of the ordered one only the billing data stay."""
    world = await requested_world()
    await world.carry_out()
    opened = await world.keyring.open_keys([(RECORD, "quote"), (OTHER, "quote")])
    assert all(isinstance(one, Shredded) for one in opened.values())
    assert [event.category for event in world.said(RecordHeld)] == [Category.BILLING]


async def test_erasure_waits_until_every_owner_has_answered() -> None:
    """Two answers out of three are no certificate."""
    world = await requested_world()
    await world.carry_out()
    await world.scrub(Owner.QUOTES, Owner.CONSENT)
    await world.carry_out()
    assert world.said(ErasureCompleted) == []
    await world.scrub(Owner.BILLING)
    await world.carry_out()
    assert len(world.said(ErasureCompleted)) == 1


@pytest.mark.policy("6.certificate")
async def test_certificate_says_what_went_and_what_stays() -> None:
    """Its content is what the facts say, under our signature."""
    world = await requested_world()
    await world.carry_out()
    await world.scrub()
    await world.carry_out()
    content = world.certifier.read(world.said(ErasureCompleted)[0].certificate)
    assert {(part.record, part.category) for part in content.erased} == {
        (RECORD, Category.QUOTE),
        (OTHER, Category.QUOTE),
    }
    assert [(part.record, part.until_on) for part in content.held] == [(OTHER, UNTIL_ON)]
    assert content.request == REQUEST


async def test_no_certificate_before_the_journal_has_the_lines() -> None:
    """A journal that cannot be written holds an erasure back; nothing is confirmed or lost."""
    world = await requested_world()
    world.journaling.is_full = True
    with pytest.raises(OSError, match="full"):
        await world.carry_out()
    await world.scrub()
    assert (world.said(ErasureCompleted), world.journaling.noted) == ([], [])
    world.journaling.is_full = False
    await world.carry_out()
    await world.scrub()
    await world.carry_out()
    assert len(world.said(ErasureCompleted)) == 1


async def test_what_was_noted_is_not_asked_again() -> None:
    """A hold released while a step is repeated is left to an erasure of its own."""
    world = World()
    await world.keep(OTHER, "quote", "billing")
    await world.keep(REQUEST, "rights_request", kind="rights_request")
    await world.hear(Owner.CONSENT, REQUEST, REQUESTED)
    world.journaling.is_full = True
    with pytest.raises(OSError, match="full"):
        await world.carry_out()
    world.journaling.is_full = False
    await world.keyring.release_hold(OTHER, "billing", "order", at=NOW)
    await world.carry_out()
    assert [event.categories for event in world.said(RecordErased)] == [(Category.QUOTE,)]
    opened = await world.keyring.open_keys([(OTHER, "billing")])
    assert isinstance(opened[OTHER, "billing"], DataKey)


async def test_journal_tells_what_was_destroyed_and_nothing_that_is_held() -> None:
    """A line for each erased fact, by its event, with the categories whose keys are gone."""
    world = await requested_world()
    await world.carry_out(twice=True)
    noted = [(one.record, one.categories, one.unreadable_since) for one in world.journaling.noted]
    assert noted == [(RECORD, ("quote",), NOW), (OTHER, ("quote",), NOW)]
    events = [fact.event_id for fact in world.log.facts if isinstance(fact.event, RecordErased)]
    assert [one.event for one in world.journaling.noted] == events


async def test_every_step_may_run_twice() -> None:
    """A step that a crash repeats leaves no second fact."""
    world = await requested_world()
    await world.carry_out(twice=True)
    await world.scrub()
    await world.scrub()
    await world.carry_out(twice=True)
    counts = [len(world.said(kind)) for kind in (RecordErased, RecordHeld, ErasureCompleted)]
    assert counts == [2, 1, 1]


async def test_keyring_outage_stops_the_erasure_and_loses_nothing() -> None:
    """An unreachable keyring is waited for; it never counts as erased."""
    world = await requested_world()
    world.keyring.stop()
    with pytest.raises(KeyringUnavailable):
        await world.carry_out()
    assert world.said(RecordErased) == []
    world.keyring.start()
    await world.carry_out()
    assert len(world.said(RecordErased)) == 2


async def test_request_of_nobody_is_completed_at_once() -> None:
    """An address without records gets the same answer, and its certificate claims nothing."""
    world = World()
    await world.keep(REQUEST, "rights_request", kind="rights_request")
    await world.hear(Owner.CONSENT, REQUEST, REQUESTED)
    await world.carry_out()
    completed = world.said(ErasureCompleted)
    assert [(event.erased, event.held) for event in completed] == [((), ())]


async def test_record_that_is_wholly_held_waits_for_nobody() -> None:
    """Where nothing was destroyed there is nothing to scrub."""
    world = World()
    await world.keep(RECORD, "billing")
    await world.keep(REQUEST, "rights_request", kind="rights_request")
    await world.hear(Owner.CONSENT, REQUEST, REQUESTED)
    await world.carry_out()
    assert [len(event.held) for event in world.said(ErasureCompleted)] == [1]


@pytest.mark.policy("6.requests")
async def test_answered_request_is_forgotten() -> None:
    """Once the person was told, who asked is erased by the same path."""
    world = await requested_world()
    answer = RightsRequestAnswered(erasure=UUID(int=9), outcome="erased", told=True)
    await world.hear(Owner.CONSENT, REQUEST, answer)
    await world.carry_out()
    opened = await world.keyring.open_keys([(REQUEST, "rights_request")])
    assert isinstance(opened[REQUEST, "rights_request"], Shredded)
    assert [event.request for event in world.said(ErasureBegun)] == [REQUEST, None]


@pytest.mark.policy("5.1.holds")
async def test_released_hold_finishes_the_erasure_by_itself() -> None:
    """What was held goes on its date, with no person acting."""
    world = await requested_world()
    await world.hear(Owner.BILLING, OTHER, HOLD_PLACED)
    await world.carry_out()
    await world.keyring.release_hold(OTHER, "billing", "order", at=NOW)
    await world.hear(Owner.BILLING, OTHER, HOLD_RELEASED)
    await world.sweep(OTHER)
    await world.carry_out()
    await world.scrub()
    await world.carry_out()
    erased = [event.categories for event in world.said(RecordErased)]
    assert erased[-1] == (Category.BILLING,)
    assert len(world.said(ErasureCompleted)) == 2


@pytest.mark.policy("5.1.holds")
async def test_end_of_a_hold_is_told_and_begins_no_erasure() -> None:
    """The sweep says that the last day is past; while the hold stands nothing is erased."""
    world = World()
    await world.keep(OTHER, "billing")
    await world.hear(Owner.BILLING, OTHER, HOLD_PLACED)
    world.clock.advance(timedelta(days=9 * 366))
    for _ in range(2):
        await world.sweep(OTHER)
        await world.carry_out(twice=True)
    assert (len(world.said(RecordDue)), world.said(ErasureBegun)) == (1, [])
    opened = await world.keyring.open_keys([(OTHER, "billing")])
    assert isinstance(opened[OTHER, "billing"], DataKey)


async def test_release_that_comes_before_the_step_begins_one_erasure() -> None:
    """The told end of a hold begins nothing, however late its step runs; the release does."""
    world = World()
    await world.keep(OTHER, "billing")
    await world.hear(Owner.BILLING, OTHER, HOLD_PLACED)
    world.clock.advance(timedelta(days=9 * 366))
    await world.sweep(OTHER)
    await world.keyring.release_hold(OTHER, "billing", "order", at=world.clock.now())
    await world.hear(Owner.BILLING, OTHER, HOLD_RELEASED)
    await world.sweep(OTHER)
    await world.carry_out(twice=True)
    assert (len(world.said(RecordDue)), len(world.said(ErasureBegun))) == (2, 1)


@pytest.mark.policy("5.1.holds")
async def test_provisional_hold_that_ended_is_finished_by_the_same_path() -> None:
    """A category that an erasure met under a hold without a date goes once that hold is gone."""
    world = World()
    await world.keep(OTHER, "quote", "billing", hold=PROVISIONAL)
    await world.keep(REQUEST, "rights_request", kind="rights_request")
    await world.hear(Owner.CONSENT, REQUEST, REQUESTED)
    await world.carry_out()
    await world.sweep(OTHER)
    await world.carry_out()
    still = [event.until_on for event in world.said(RecordHeld)]
    await world.keyring.release_hold(OTHER, "billing", "order", at=NOW)
    await world.sweep(OTHER)
    await world.carry_out()
    await world.scrub()
    await world.carry_out()
    erased = [event.categories for event in world.said(RecordErased)]
    assert (still, erased) == ([None, None], [(Category.QUOTE,), (Category.BILLING,)])
    assert len(world.said(ErasureCompleted)) == 3


async def test_term_that_ended_goes_by_the_same_path() -> None:
    """A due record is erased, scrubbed and certified like a requested one."""
    world = World()
    await world.keep(RECORD, "quote")
    await world.hear(Owner.QUOTES, RECORD, OFFERED)
    due = RecordDue(category=Category.QUOTE, clause="5.1.quote", due_at=NOW)
    await world.say(RECORD, due)
    await world.carry_out(twice=True)
    await world.scrub()
    await world.carry_out(twice=True)
    assert [event.cause for event in world.said(ErasureCompleted)] == ["term"]


async def test_contact_after_an_erasure_starts_no_clock() -> None:
    """An erased record has nothing left to keep."""
    world = await requested_world()
    await world.carry_out()
    before = len(world.said(ClockStarted))
    await world.hear(Owner.QUOTES, RECORD, QuoteExpired(offer=1))
    assert len(world.said(ClockStarted)) == before


async def test_second_confirmed_request_does_not_lose_its_address() -> None:
    """A request that still has to be answered is not erased by another one of the same person."""
    world = await requested_world()
    second = UUID(int=5)
    await world.keep(second, "rights_request", kind="rights_request")
    await world.hear(Owner.CONSENT, second, REQUESTED)
    assert [event.records for event in world.said(ErasureBegun)] == [
        (RECORD, OTHER),
        (RECORD, OTHER),
    ]
