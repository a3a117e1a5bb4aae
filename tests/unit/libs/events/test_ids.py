"""The sources of ids."""

import time
from uuid import UUID

from libs.events.ids import CountedIds, RealIds


def test_real_ids_are_uuids_of_version_seven() -> None:
    """Ids are what RFC 9562 §5.7 says, so that other tools sort them too."""
    new = RealIds().new()
    assert (new.version, new.variant) == (7, "specified in RFC 4122")


def test_later_ids_are_greater() -> None:
    """Ids come in the order of their making, so that an index grows at its end."""
    ids = [RealIds().new() for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_an_id_says_when_it_was_made() -> None:
    """The first 48 bits are the milliseconds since 1970."""
    before = time.time_ns() // 1_000_000
    made = RealIds().new().int >> 80
    assert before <= made <= time.time_ns() // 1_000_000


def test_counted_ids_are_the_same_in_every_run() -> None:
    """A test's ids can be told beforehand, and are valid all the same."""
    ids = CountedIds()
    assert [ids.new(), ids.new()] == [CountedIds(1).new(), CountedIds(2).new()]
    assert CountedIds().new() == UUID("00000000-0000-7000-8000-000000000001")
