"""What consent does when it is asked, with its rules and keyring in memory."""

import asyncio
from uuid import UUID

import pytest

from libs.events.values import Category
from libs.keyring.openings import KeyringUnavailable
from services.consent.app.handlers import (
    Request,
    choose,
    confirm_request,
    find_choices,
    publish_policy,
    request_right,
)
from services.consent.domain.refusals import RequestAlreadyConfirmed
from services.consent.domain.rights_request import Right
from services.consent.domain.scrubbing import SCRUBBING, Scrub
from tests.unit.services.consent.app.desk import Office, answer, answering
from tests.unit.services.consent.facts import ERASURE, NONE, NOW
from tests.unit.services.consent.facts import choose as wish

VISITOR = UUID(int=77)
REQUEST = Request(right=Right.ERASURE, email="ada@example.org", language="en", at=NOW)


async def test_visitor_keeps_one_record() -> None:
    """Later choices of a visitor go to the record of the first."""
    office = Office()
    for number in (1, 2):
        await choose(office.means, VISITOR, wish(), answering(number))
    assert [one.version for one in office.log.facts] == [1, 2]


async def test_visitor_keeps_one_record_when_two_choices_come_at_once() -> None:
    """Two first choices at the same moment do not begin two records."""
    office = Office()
    wishes = (choose(office.means, VISITOR, wish(), answering(number)) for number in (1, 2, 3))
    await asyncio.gather(*wishes)
    assert len({one.record for one in office.log.facts}) == 1


async def test_record_is_not_derived_from_the_visitor() -> None:
    """The log never carries the visitor's id."""
    office = Office()
    await choose(office.means, VISITOR, wish(), answering())
    (fact,) = office.log.facts
    assert str(VISITOR) not in f"{fact.record} {fact.data}"


async def test_visitor_begins_again_after_an_erasure() -> None:
    """A visitor who comes back after the erasure gets a new record."""
    office = Office()
    await choose(office.means, VISITOR, wish(), answering(1))
    first = office.log.facts[0].record
    await office.retention.destroy(first, erasure=ERASURE, at=NOW)
    await choose(office.means, VISITOR, wish(), answering(2))
    assert office.log.facts[1].record != first


async def test_visitor_begins_again_when_only_the_scrub_was_heard() -> None:
    """A record that was scrubbed takes no further choice, even while its link still shows."""
    office = Office()
    await choose(office.means, VISITOR, wish(), answering(1))
    first = office.log.facts[0].record
    scrub = Scrub(erasure=ERASURE, categories=(Category.CONSENT,))
    await office.means.desk.handle(first, scrub, SCRUBBING)
    await choose(office.means, VISITOR, wish(), answering(2))
    assert office.log.facts[-1].record != first


async def test_nothing_is_kept_when_the_keyring_is_away() -> None:
    """Without the keyring nobody is found and nothing is kept."""
    office = Office()
    office.retention.stop()
    with pytest.raises(KeyringUnavailable):
        await choose(office.means, VISITOR, wish(NONE), answering())
    assert office.log.facts == []


async def test_unknown_visitor_has_no_record() -> None:
    """Looking does not begin a record."""
    office = Office()
    assert await find_choices(office.means, VISITOR) is None


async def test_request_is_linked_to_the_person_by_the_address() -> None:
    """Retention finds the request among all records of the same address."""
    office = Office()
    await request_right(office.means, UUID(int=5), REQUEST, answer())
    index = office.means.blind_index.of_email("ADA@example.org")
    assert [one.record for one in await office.retention.records_of(index)] == [UUID(int=5)]


async def test_request_seals_its_address() -> None:
    """The address never stands in the log in the clear."""
    office = Office()
    await request_right(office.means, UUID(int=5), REQUEST, answer())
    assert "ada" not in office.log.facts[0].data


async def test_request_is_confirmed_once() -> None:
    """A second confirmation is refused and gives no second erasure."""
    office = Office()
    await request_right(office.means, UUID(int=5), REQUEST, answer(1))
    await confirm_request(office.means, UUID(int=5), answer(2))
    with pytest.raises(RequestAlreadyConfirmed):
        await confirm_request(office.means, UUID(int=5), answer(3))
    assert office.names() == ["RightsRequestReceived", "ErasureRequested"]


async def test_policy_is_published_once_however_often_it_starts() -> None:
    """Each start publishes only what is new."""
    office = Office()
    await publish_policy(office.means)
    await publish_policy(office.means)
    assert office.names() == ["PolicyPublished"]
