"""The scan from beginning to end: plant, look everywhere, compare, take away."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from deploy.native.stack import Stack
from ops.scan import places, worker
from ops.scan.canaries import Canary, controls
from ops.scan.controls import Planted, planted
from ops.scan.databases import list_databases, list_files_aside, wal_compression
from ops.scan.looking import Looked, Stretch
from ops.scan.matcher import Pattern, patterns_of
from ops.scan.memory import Memory
from ops.scan.places import Place
from ops.scan.report import Report, Reporter

STRETCH_BYTES = 64 << 20
BUNDLE_BYTES = 16 << 20
BUNDLE_FILES = 200


@dataclass(frozen=True, slots=True)
class Watcher:
    """Whoever watches a scan: told in words what is being done, and in bytes how far it is."""

    say: Callable[[str], None]
    begin: Callable[[int], None]
    advance: Callable[[int], None]


def scan(
    stack: Stack, canaries: Sequence[Canary], watcher: Watcher, *, whose: Memory = Memory.NONE
) -> Report:
    """Look at every byte that the stack keeps for any form of the canaries, and at whose memory.

    Raises: whatever a store's client raises, when the store cannot be reached.
    """
    began = time.monotonic()
    planting = controls(os.urandom)
    everyone = [*planting, *canaries]
    patterns = patterns_of(everyone)
    labels = [one.label for one in everyone]
    reporter = Reporter(labels, patterns, stack.home, controls=len(planting))
    with planted(stack, planting, whose, say=watcher.say) as there:
        watcher.say("looking")
        _look_everywhere(stack, patterns, there, (reporter, watcher))
        reporter.expect(there.expected)
    report = reporter.report
    report.outside_files, report.outside_bytes = places.outside(stack.home)
    report.seconds = round(time.monotonic() - began, 1)
    return report


def _look_everywhere(
    stack: Stack,
    patterns: Sequence[Pattern],
    there: Planted,
    told: tuple[Reporter, Watcher],
) -> None:
    (reporter, watcher), url = told, stack.database_url("superuser", "postgres")
    reporter.add(asyncio.run(wal_compression(url)))
    aside = asyncio.run(list_files_aside(url))
    found = sorted(places.places(stack.home, aside), key=lambda place: -place.size)
    watcher.begin(sum(place.size for place in found))
    # A fresh interpreter each: nothing of this process's loops and connections is inherited.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        mp_context=context, initializer=worker.prepare, initargs=(patterns,)
    ) as pool:
        jobs: dict[Future[list[Looked]], int] = {
            pool.submit(worker.look_at_files, bundle): sum(one.length for one in bundle)
            for bundle in bundles(found)
        }
        for database in asyncio.run(list_databases(url)):
            jobs[pool.submit(worker.look_at_rows, url, database)] = 0
        jobs[pool.submit(worker.look_at_metrics, there.metrics)] = 0
        jobs |= {pool.submit(worker.look_at_memory, one): 0 for one in there.memory}
        for done in as_completed(jobs):
            reporter.add(done.result())
            watcher.advance(jobs[done])


def bundles(found: Sequence[Place]) -> Iterator[list[Stretch]]:
    """The files as work of like size: large ones in stretches, small ones together."""
    bundle: list[Stretch] = []
    for stretch in (one for place in found for one in _stretches(place)):
        bundle.append(stretch)
        full = sum(one.length for one in bundle) >= BUNDLE_BYTES
        if full or len(bundle) == BUNDLE_FILES:
            yield bundle
            bundle = []
    if bundle:
        yield bundle


def _stretches(place: Place) -> Iterator[Stretch]:
    for start in range(0, max(place.size, 1), STRETCH_BYTES):
        yield Stretch(place, start, min(STRETCH_BYTES, place.size - start))
