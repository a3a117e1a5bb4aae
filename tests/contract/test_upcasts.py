"""Old shapes become today's shape, whether or not the person's parts can still be read (P39)."""

from dataclasses import dataclass
from typing import Any, cast

import msgspec
import pytest

from libs.events.catalogue import CATALOGUE, Entry, parts_of
from libs.events.codec import decode_event
from libs.events.errors import Unreadable
from libs.events.event import Event
from libs.events.message import from_message
from libs.events.personal import Erased
from libs.events.seal import check_places, open_personal
from libs.events.upcasts import Fields
from tests.contract.samples import Sample, all_samples

SAMPLES = all_samples()


@dataclass(frozen=True)
class Planted:
    """An event raised by two versions, with the steps from the old shape to the new one."""

    entry: Entry

    @property
    def catalogue(self) -> dict[str, Entry]:
        """The catalogue that knows the newer shape only."""
        newer = msgspec.defstruct(
            self.entry.name,
            [("spoken_by", str), ("certainty", int)],
            bases=(self.entry.event_type,),
            namespace={"version": self.entry.event_type.version + 2},
            frozen=True,
            kw_only=True,
            forbid_unknown_fields=True,
        )
        event_type = cast("type[Event]", newer)
        return {self.entry.name: Entry(event_type=event_type, parts=self.entry.parts)}

    @property
    def steps(self) -> dict[tuple[str, int], Any]:
        """The first adds a field under another name, the second renames it and adds one more."""
        first = self.entry.event_type.version
        return {
            (self.entry.name, first): lambda fields: {**fields, "said_by": "somebody"},
            (self.entry.name, first + 1): _second,
        }

    def read(self, sample: Sample) -> Event:
        """The old sample in the newer shape."""
        name, version = sample.named
        return decode_event(name, version, sample.value, catalogue=self.catalogue, steps=self.steps)


def _second(fields: Fields) -> Fields:
    said_by = fields.pop("said_by")
    return {**fields, "spoken_by": said_by, "certainty": 1}


@pytest.fixture(params=SAMPLES, ids=lambda sample: sample.path.stem)
def sample(request: pytest.FixtureRequest) -> Sample:
    """Every sample in turn."""
    found: Sample = request.param
    return found


@pytest.fixture
def read(sample: Sample) -> Event:
    """The sample through every step."""
    return Planted(CATALOGUE[sample.named[0]]).read(sample)


def test_steps_follow_one_another(read: Event) -> None:
    """P39: a fact two versions old goes through both steps, in order."""
    assert (getattr(read, "spoken_by", None), getattr(read, "certainty", None)) == ("somebody", 1)


def test_sealed_parts_pass_every_step(sample: Sample, read: Event) -> None:
    """P39: a sealed part goes through the steps untouched and still opens in its place."""
    fact = from_message(sample.key, sample.value, sample.headers)
    check_places(read, fact.event_id)
    for field, part in parts_of(read).items():
        opened = open_personal(getattr(read, field), part, fact.record, sample.secrets)
        assert opened.plain == msgspec.convert(sample.parts[field], part)


def test_erased_parts_pass_every_step(sample: Sample, read: Event) -> None:
    """P39: with the key destroyed, the fact is read all the same and its part says erased."""
    fact = from_message(sample.key, sample.value, sample.headers)
    for field, part in parts_of(read).items():
        opened = open_personal(getattr(read, field), part, fact.record, {})
        assert opened.held == Erased(part.category)


def test_a_missing_step_is_unreadable() -> None:
    """An old version without a way to today's is parked, never guessed."""
    planted = Planted(CATALOGUE["QuoteDeclined"])
    with pytest.raises(Unreadable, match="KeyError"):
        decode_event("QuoteDeclined", 1, '{"offer":1}', catalogue=planted.catalogue, steps={})


def test_a_step_that_makes_another_shape_is_unreadable() -> None:
    """A step that forgets a field is noticed when it is used, not in a view."""
    planted = Planted(CATALOGUE["QuoteDeclined"])
    steps = {**planted.steps, ("QuoteDeclined", 2): lambda fields: fields}
    with pytest.raises(Unreadable):
        decode_event("QuoteDeclined", 1, '{"offer":1}', catalogue=planted.catalogue, steps=steps)


def test_an_old_fact_of_endless_depth_is_unreadable() -> None:
    """A message that nests without end is parked like any other junk; the reader goes on."""
    planted = Planted(CATALOGUE["QuoteDeclined"])
    deep = '{"offer":' + "[" * 100_000
    with pytest.raises(Unreadable, match="RecursionError"):
        decode_event("QuoteDeclined", 1, deep, catalogue=planted.catalogue, steps=planted.steps)
