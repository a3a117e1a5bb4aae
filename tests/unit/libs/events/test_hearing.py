"""What was heard is taken once and in order, dropped as a repeat, or set aside."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.clock import FixedClock
from libs.events.handle import Stamp
from libs.events.hearing import (
    Aside,
    Progress,
    Reason,
    Verdict,
    aside,
    read_heard,
    records_of,
    weigh,
)
from libs.events.ids import CountedIds
from libs.events.message import Header, to_message
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import NOW
from libs.events.values import Owner
from libs.events.vocabulary.quotes import QuoteDeclined

RECORD = UUID(int=5)
STAMP = Stamp(Owner.QUOTES, FixedClock(NOW), CountedIds())


@dataclass(frozen=True)
class Lying:
    """A message as a broker's client hands it over."""

    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    topic: str = "quotes.events"
    partition: int = 0
    offset: int = 0


def _lying(changes: dict[str, bytes | None] | None = None) -> Lying:
    (fact,) = STAMP.record(RECORD, [], [QuoteDeclined(offer=1)])
    message = to_message(fact)
    headers = {**dict(message.headers), **(changes or {})}
    return Lying(message.key, message.value, tuple(headers.items()))


@given(st.lists(st.integers(min_value=1, max_value=12), max_size=60))
def test_versions_are_taken_one_after_another(arrivals: list[int]) -> None:
    """P07, P42, P44: whatever the order, the repeats and the gaps, 1 to n are taken in order."""
    progress, taken = Progress(), []
    for version in arrivals:
        verdict = weigh(progress, version)
        if verdict is Verdict.TAKE:
            taken.append(version)
            progress = Progress(version)
        elif verdict is not Verdict.REPEAT:
            progress = Progress(progress.last_version, held_back=True)
    assert taken == list(range(1, len(taken) + 1))


@given(
    last=st.integers(min_value=0, max_value=100),
    held=st.booleans(),
    version=st.integers(min_value=1, max_value=200),
)
def test_a_version_has_one_verdict(last: int, held: bool, version: int) -> None:  # noqa: FBT001 - given
    """What was heard is a repeat for ever, and only the very next version is ever taken (P46)."""
    verdict = weigh(Progress(last, held_back=held), version)
    assert (verdict is Verdict.REPEAT) == (version <= last)
    assert (verdict is Verdict.TAKE) == (version == last + 1 and not held)
    assert (verdict is Verdict.HOLD) == (version > last and held)


def test_a_fact_on_its_owners_topic_is_read() -> None:
    """A message of the topic's owner is the fact it carries."""
    reading = read_heard(_lying())
    assert isinstance(reading, Recorded)
    assert (reading.record, reading.version) == (RECORD, 1)


def test_a_fact_on_anothers_topic_is_set_aside() -> None:
    """Nobody speaks for another service: what lies on the wrong topic is not believed."""
    message = _lying()
    reading = read_heard(message, {"quotes.events": Owner.BILLING})
    assert isinstance(reading, Aside)
    assert reading.reason is Reason.UNREADABLE
    assert reading.detail == "a fact of quotes lay on quotes.events"


def test_what_is_set_aside_says_whose_it_is() -> None:
    """Record, version and name are told by key and headers, though the value is not readable."""
    message = Lying(_lying().key, b"\xff", _lying().headers)
    reading = read_heard(message)
    assert isinstance(reading, Aside)
    assert (reading.record, reading.version, reading.name) == (RECORD, 1, "nl.flux3d.QuoteDeclined")


BAD_VERSIONS = [b"", b"0", b"-1", b"1.5", b"two", b"9" * 5000, b"2147483648", b"\xff"]


@pytest.mark.parametrize("version", BAD_VERSIONS, ids=lambda raw: repr(raw[:10]))
def test_a_version_that_is_none_is_set_aside(version: bytes) -> None:
    """An impossible place in the record is unreadable: no repeat, and not the end of hearing."""
    reading = read_heard(_lying({"ce_recordversion": version}))
    assert isinstance(reading, Aside)
    assert (reading.reason, reading.version) == (Reason.UNREADABLE, None)


def test_what_is_set_aside_can_be_kept_in_postgres() -> None:
    """A NUL, which Postgres keeps in no text, is replaced in the name and quoted in the detail."""
    reading = read_heard(_lying({"ce_type": b"nl.flux3d.Quote\0Dreamt"}))
    assert isinstance(reading, Aside)
    assert "\0" not in f"{reading.name}{reading.detail}"


@pytest.mark.parametrize("key", [None, b"", b"noor@voorbeeld.example", b"\xff", b"5"])
def test_a_key_that_is_no_record_names_nobody(key: bytes | None) -> None:
    """P33: what is no record's id is not kept as one; the message is set aside alone."""
    reading = read_heard(Lying(key, _lying().value, _lying().headers))
    assert isinstance(reading, Aside)
    assert reading.record is None
    assert records_of([reading]) == set()


def test_a_batch_speaks_of_the_records_in_it() -> None:
    """Readable or not, a message's record is one the batch speaks of."""
    held = aside(_lying(), Reason.HELD_BACK, "")
    assert records_of([read_heard(_lying()), held]) == {RECORD}
