"""What a scan saw, store by store, and whether that can be believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ops.scan.expected import Expected
from ops.scan.looking import Looked
from ops.scan.matcher import Matcher, Pattern

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """A canary that is there: its label, never its text, and where."""

    canary: str
    encoding: str
    store: str
    place: str
    offset: int


@dataclass(slots=True)
class StoreReport:
    """What was looked at in one store.

    Shape: `missing` are the encodings in which the control was planted there and not found.
    """

    store: str
    things: int = 0
    bytes: int = 0
    hits: int = 0
    controls_expected: int = 0
    controls_found: int = 0
    missing: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The result of one scan.

    Shape: `hits` are the first of them, `hits_total` counts all; `faults` are what could not be
    looked at; `outside` is what has left our hands and was not looked at.
    """

    canaries: int
    forms: int
    stores: dict[str, StoreReport] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    hits_total: int = 0
    faults: list[str] = field(default_factory=list)
    outside_files: int = 0
    outside_bytes: int = 0
    seconds: float = 0.0

    @property
    def blind(self) -> list[StoreReport]:
        """The stores in which the scan did not find what had been planted."""
        return [store for store in self.stores.values() if store.missing]

    @property
    def clean(self) -> bool:
        """Nothing was found, everything was looked at, and every control was seen."""
        return not (self.hits_total or self.blind or self.faults)

    def store(self, name: str) -> StoreReport:
        """The report of one store, begun when it is first named."""
        return self.stores.setdefault(name, StoreReport(name))


class Reporter:
    """Gathers what the workers saw; the first canaries are the controls."""

    def __init__(
        self, labels: Sequence[str], patterns: Sequence[Pattern], home: Path, *, controls: int
    ) -> None:
        """Report under these labels, so many of them controls, places as seen from the home."""
        self._controls = controls
        self._labels = labels
        self._patterns = patterns
        self._home = home
        self._matcher = Matcher(patterns)
        self._seen: set[Expected] = set()
        self.report = Report(canaries=len(labels) - controls, forms=len(patterns))

    def add(self, looked: Iterable[Looked]) -> None:
        """Take in what a worker saw."""
        for one in looked:
            store = self.report.store(one.store)
            store.things += one.things
            store.bytes += one.bytes
            self.report.faults += [self._masked(fault) for fault in one.faults]
            self._seen |= {Expected(one.store, proof) for proof in one.proofs}
            for place, offset, number in one.sightings:
                self._sight(store, place, offset, self._patterns[number])

    def expect(self, expected: Iterable[Expected]) -> None:
        """Compare the controls that were seen with those that were planted."""
        for one in sorted(expected):
            store = self.report.store(one.store)
            store.controls_expected += 1
            if one in self._seen:
                store.controls_found += 1
            else:
                store.missing.append(one.encoding)

    def _sight(self, store: StoreReport, place: str, offset: int, pattern: Pattern) -> None:
        if pattern.canary < self._controls:
            self._seen.add(Expected(store.store, pattern.encoding))
            return
        store.hits += 1
        self.report.hits_total += 1
        if len(self.report.hits) < SHOWN_MAX:
            label = self._labels[pattern.canary]
            self.report.hits.append(
                Hit(label, pattern.encoding, store.store, self._masked(place), offset)
            )

    def _masked(self, place: str) -> str:
        shown = place.removeprefix(f"{self._home}/")
        if not self._matcher.search(place.encode(errors="surrogateescape")):
            return shown
        return f"{shown.split('/', maxsplit=1)[0]}/… (the name itself holds it)"
