"""What was once said can be read for ever."""

import json

import msgspec
import pytest

from libs.events.catalogue import CATALOGUE, parts_of, topic_of
from libs.events.message import Message, from_message, to_message
from libs.events.seal import open_personal
from tests.contract.samples import WIRE, Sample, all_samples, sample_path

SAMPLES = all_samples()


def _ids(sample: Sample) -> str:
    return sample.path.stem


def test_every_event_version_has_a_sample() -> None:
    """No version is without a sample, and no sample is of a version that never was."""
    wanted = {
        sample_path(entry, version)
        for entry in CATALOGUE.values()
        for version in range(1, entry.event_type.version + 1)
    }
    assert set(WIRE.iterdir()) == wanted


@pytest.mark.parametrize("sample", SAMPLES, ids=_ids)
def test_sample_is_read_as_the_event_it_is(sample: Sample) -> None:
    """A message of any version ever sent is the event that its file is named after."""
    fact = from_message(sample.key, sample.value, sample.headers)
    assert (fact.name, fact.schema_version) == sample.named
    assert topic_of(fact.owner) == f"{fact.owner}.events"


@pytest.mark.parametrize("sample", SAMPLES, ids=_ids)
def test_sealed_parts_of_a_sample_open(sample: Sample) -> None:
    """A part sealed long ago opens under its key and holds what it held."""
    fact = from_message(sample.key, sample.value, sample.headers)
    opened = {
        field: open_personal(getattr(fact.event, field), part, fact.record, sample.secrets).plain
        for field, part in parts_of(fact.event).items()
    }
    wanted = parts_of(fact.event)
    assert opened == {
        field: msgspec.convert(content, wanted[field]) for field, content in sample.parts.items()
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=_ids)
def test_sample_is_sent_again_to_the_byte(sample: Sample) -> None:
    """A fact that is read and sent on is the same message: value, key and headers."""
    fact = from_message(sample.key, sample.value, sample.headers)
    headers = tuple((name, raw or b"") for name, raw in sample.headers)
    assert to_message(fact) == Message(sample.key, sample.value, headers)


@pytest.mark.parametrize("sample", SAMPLES, ids=_ids)
def test_no_plain_value_of_a_part_is_on_the_wire(sample: Sample) -> None:
    """What is sealed stands nowhere else in the message (P31)."""
    on_the_wire = sample.value.decode() + json.dumps(
        [(name, (raw or b"").decode()) for name, raw in sample.headers]
    )
    values = [
        text
        for content in sample.parts.values()
        for text in content.values()
        if isinstance(text, str) and len(text) > 2
    ]
    assert [text for text in values if text in on_the_wire] == []
