"""Wire samples: one message per event version, made once and never again.

`python -m tests.contract.samples` adds those that are missing. A sample keeps the made-up keys
that open its sealed parts.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from libs.events.catalogue import CATALOGUE, Entry
from libs.events.clock import FixedClock
from libs.events.handle import Stamp
from libs.events.ids import CountedIds
from libs.events.message import Header, to_message
from tests.contract.examples import example_event, plain_parts

WIRE = Path(__file__).parent / "wire"
RECORD = CountedIds().new()
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@dataclass(frozen=True)
class Sample:
    """A message as it once lay on a topic, the keys of its parts, and what they hold."""

    path: Path
    key: bytes
    headers: tuple[Header, ...]
    value: bytes
    secrets: dict[str, bytes]
    parts: dict[str, Any]

    @property
    def named(self) -> tuple[str, int]:
        """The event's name and schema version, by the file's name."""
        name, version = self.path.stem.rsplit(".v", maxsplit=1)
        return name, int(version)


def read_sample(path: Path) -> Sample:
    """The sample that a file holds."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Sample(
        path=path,
        key=content["key"].encode(),
        headers=tuple((name, text.encode()) for name, text in content["headers"].items()),
        value=content["value"].encode(),
        secrets={category: base64.b64decode(text) for category, text in content["secrets"].items()},
        parts=content["parts"],
    )


def all_samples() -> list[Sample]:
    """Every sample in the folder."""
    return [read_sample(path) for path in sorted(WIRE.glob("*.json"))]


def sample_path(entry: Entry, version: int) -> Path:
    """Where the sample of an event version lies."""
    return WIRE / f"{entry.name}.v{version}.json"


def make_sample(entry: Entry) -> str:
    """A message with an example of the event in its present version."""
    clock = FixedClock(datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
    stamp = Stamp(entry.event_type.owners[0], clock, CountedIds(start=101))
    event = example_event(entry)
    secrets = {part.category: _made_up_key(part.category) for part in entry.parts.values()}
    (fact,) = stamp.record(RECORD, [], [event], secrets=secrets)
    caused = msgspec.structs.replace(fact, causation_id=RECORD, traceparent=TRACEPARENT)
    message = to_message(caused)
    content = {
        "key": message.key.decode(),
        "headers": {name: raw.decode() for name, raw in message.headers},
        "value": message.value.decode(),
        "secrets": {name: base64.b64encode(key).decode() for name, key in secrets.items()},
        "parts": {field: msgspec.to_builtins(part) for field, part in plain_parts(event).items()},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _made_up_key(category: str) -> bytes:
    return hashlib.sha256(f"a sample's key for {category}".encode()).digest()


def main() -> None:
    """Add the samples that are missing; one that is there is never touched."""
    for entry in CATALOGUE.values():
        path = sample_path(entry, entry.event_type.version)
        if not path.exists():
            path.write_text(make_sample(entry), encoding="utf-8")


if __name__ == "__main__":
    main()
