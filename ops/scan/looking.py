"""How one worker looks at what it is given, and what it says it saw."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ops.scan import compressed, places
from ops.scan.matcher import Match, Matcher
from ops.scan.places import Place
from ops.scan.segments import SegmentUnreadable, opened_batches
from ops.scan.wal import seams


@dataclass(slots=True)
class Looked:
    """What was looked at in one store, and what was seen there.

    Shape: `sightings` are (place, offset, pattern); `faults` are what could not be looked at;
           `proofs` name what of its own this store showed, where nothing can be planted in it.
    """

    store: str
    things: int = 0
    bytes: int = 0
    sightings: list[tuple[str, int, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)

    def note(self, place: str, matches: Iterable[Match]) -> None:
        """Remember where something was seen."""
        self.sightings += [(place, one.offset, one.pattern) for one in matches]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a file for one worker; small files come whole."""

    place: Place
    start: int
    length: int


def look_at(stretches: Sequence[Stretch], matcher: Matcher) -> list[Looked]:
    """Everything seen in these stretches: bytes, names, attributes, and what is compressed."""
    found: list[Looked] = []
    for stretch in stretches:
        found += _look(stretch, matcher)
    return found


def _look(stretch: Stretch, matcher: Matcher) -> Iterator[Looked]:
    place, whole = stretch.place, stretch.start == 0
    seen = Looked(place.store, things=int(whole), bytes=stretch.length)
    yield seen
    try:
        with place.path.open("rb") as file:
            beginning = file.read(compressed.MAGIC_BYTES) if whole else b""
            matches = matcher.search_file(file, start=stretch.start, length=stretch.length)
            seen.note(str(place.path), matches)
        if whole:
            yield from _beside_its_bytes(place, beginning, matcher)
    except FileNotFoundError:
        return  # removed since it was listed, as servers do with files they recycle
    except OSError as error:
        seen.faults.append(f"{place.path}: {type(error).__name__}")


def _beside_its_bytes(place: Place, beginning: bytes, matcher: Matcher) -> Iterator[Looked]:
    yield _name(place, matcher)
    yield _attributes(place, matcher)
    if place.store == places.WAL:
        yield _seams(place, matcher)
    if place.store == places.KAFKA_FILES and place.path.suffix == ".log":
        yield from _records(place, matcher)
    elif (form := compressed.format_of(beginning)) is not None:
        yield _unpacked(place, form, matcher)


def _name(place: Place, matcher: Matcher) -> Looked:
    raw = os.fsencode(place.path)
    seen = Looked(places.NAMES, things=1, bytes=len(raw))
    seen.note(str(place.path), matcher.search(raw))
    return seen


def _attributes(place: Place, matcher: Matcher) -> Looked:
    seen = Looked(places.ATTRIBUTES)
    for name in _attribute_names(place):
        raw = name.encode(errors="surrogateescape") + b"=" + os.getxattr(place.path, name)
        seen.things += 1
        seen.bytes += len(raw)
        seen.note(f"{place.path} [{name}]", matcher.search(raw))
    return seen


def _attribute_names(place: Place) -> list[str]:
    try:
        return os.listxattr(place.path)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return []  # this file system keeps none
        raise


def _seams(place: Place, matcher: Matcher) -> Looked:
    seen = Looked(place.store)
    for seam in seams(place.path.read_bytes(), matcher.reach):
        found = matcher.search_after(seam.joined, already=seam.before)
        crossing = (
            Match(seam.offset + one.offset, one.pattern) for one in found if seam.crosses(one)
        )
        seen.note(f"{place.path} (across pages)", crossing)
    return seen


def _records(place: Place, matcher: Matcher) -> Iterator[Looked]:
    try:
        for batch in opened_batches(place.path.read_bytes()):
            store = places.in_format(places.KAFKA_RECORDS, batch.codec)
            seen = Looked(store, things=1, bytes=len(batch.content))
            matches = (Match(batch.at, one.pattern) for one in matcher.search(batch.content))
            seen.note(f"{place.path} (batch)", matches)
            yield seen
    except SegmentUnreadable as error:
        yield Looked(places.KAFKA_RECORDS, faults=[f"{place.path}: {error}"])


def _unpacked(place: Place, form: compressed.Format, matcher: Matcher) -> Looked:
    seen = Looked(places.in_format(places.COMPRESSED, form.name), things=1)
    try:
        content = compressed.opened(place.path.read_bytes(), form)
    except compressed.CompressedUnreadable as error:
        seen.faults.append(f"{place.path}: {error}")
        return seen
    seen.bytes += len(content)
    seen.note(f"{place.path} (opened)", matcher.search(content))
    return seen
