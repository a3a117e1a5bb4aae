"""Reads what was erased: from retention's facts, from the certificates, and from the journal."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.native.stack import Stack
from libs.keyring.journal import JournalBroken, read_journal
from services.retention.app.certificate import CertificateForged, Certifier
from tests.storm.asking import once, stream
from tests.storm.dumps import ErasureDump, Journal, Place

CERTIFICATE_KEY = "certificate-signing.pem"


@dataclass(frozen=True, slots=True)
class Erasing:
    """What retention's facts say of erasures, by place."""

    erased: dict[Place, str] = field(default_factory=dict)
    unreadable: dict[Place, datetime] = field(default_factory=dict)
    erased_by: dict[str, frozenset[Place]] = field(default_factory=dict)
    held: dict[Place, frozenset[str]] = field(default_factory=dict)


async def read_erasing(stack: Stack) -> Erasing:
    """What was erased by which erasure and fact, since when, and what was held."""
    found = Erasing()
    async for row in stream(stack, "retention", "read_erasing"):
        said = json.loads(row["data"])
        record, erasure = once(row["record"]), once(said["erasure"])
        if row["name"] == "RecordHeld":
            place = (record, once(said["category"]))
            found.held[place] = found.held.get(place, frozenset()) | {erasure}
            continue
        places = frozenset((record, once(category)) for category in said["categories"])
        found.erased_by[once(row["event_id"])] = places
        for place in places:
            found.erased[place] = erasure
            found.unreadable[place] = datetime.fromisoformat(said["unreadable_since"])
    return found


async def read_erasures(stack: Stack) -> list[ErasureDump]:
    """Every erasure, and what its certificate says."""
    certifier = Certifier.from_file(stack.keys / CERTIFICATE_KEY)
    rows = stream(stack, "retention", "read_erasure_progress")
    return [_erasure(row, certifier) async for row in rows]


def _erasure(row: Any, certifier: Certifier) -> ErasureDump:
    bare = ErasureDump(once(row["erasure"]), frozenset(map(once, row["records"])), row["completed"])
    if not row["completed"]:
        return bare
    try:
        content = certifier.read(row["certificate"])
    except CertificateForged:
        return ErasureDump(bare.erasure, bare.records, bare.completed, is_signed=False)
    return ErasureDump(
        bare.erasure,
        bare.records,
        bare.completed,
        certified=_places(content.erased),
        certified_held=_places(content.held),
        is_signed=str(content.erasure) == bare.erasure,
    )


def _places(parts: Iterable[Any]) -> frozenset[Place]:
    return frozenset((once(str(part.record)), once(str(part.category))) for part in parts)


def read_journaled(stack: Stack) -> Journal:
    """The lines of the erasure journal, each checked against the one before it."""
    lines: dict[str, frozenset[Place]] = {}
    try:
        for line in read_journal(stack.journal):
            record = once(str(line.entry.record))
            places = frozenset((record, once(category)) for category in line.entry.categories)
            lines[once(str(line.entry.event))] = places
    except JournalBroken as broken:
        return Journal(lines, str(broken))
    return Journal(lines)
