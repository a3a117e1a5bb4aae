"""Earlier states brought back over a running stack: nothing erased comes back, or nothing opens."""

import time
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from deploy.native import lifecycle
from deploy.native.base_backup import place_keyring_copy
from deploy.native.programs import WITHOUT_SERVICES
from deploy.native.stack import CHECKOUT, SERVICES, Stack
from deploy.native.supervision import Supervisor
from deploy.native.testing import running_stack
from libs.keyring.journal import read_journal
from tests.faults.extent import Extent
from tests.faults.people import People
from tests.integration.ops.asking import within

pytestmark = pytest.mark.timeout(900)
OPENS_SECONDS = 120.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """One whole stack for all tests of the file; each leaves it open."""
    with running_stack(CHECKOUT / ".local-faults-restores", parts="everything") as made:
        yield made


@pytest.fixture(scope="module")
def people(stack: Stack) -> People:
    """Who has to do with it."""
    return People(stack)


def ready(stack: Stack, service: str) -> int:
    """What a service answers when it is asked whether it is ready; 0 where nobody answers."""
    try:
        return httpx.get(f"{stack.service_url(service)}/readyz").status_code
    except httpx.TransportError:
        return 0


def is_open(stack: Stack) -> bool:
    """Whether every service serves."""
    return all(ready(stack, one) == httpx.codes.OK for one in SERVICES)


def restored(people: People) -> float:
    """The newest backup in the place of everything, and how long that took.

    Units: seconds.
    """
    began = time.monotonic()
    lifecycle.down(people.stack)
    people.operator.run("restore", "--yes")
    took_seconds = time.monotonic() - began
    within(lambda: is_open(people.stack), seconds=OPENS_SECONDS)
    return took_seconds


def test_f58_keyring_rolled_back_alone_opens_nothing(
    extent: Extent, people: People, stack: Stack
) -> None:
    """An older keyring under newer logs is noticed; no door opens before the journal was done."""
    before, erased = people.asks("f58-0@canary.example"), people.asks("f58-1@canary.example")
    people.completed(people.erases(before))
    people.operator.run("shred", "--yes")
    people.completed(people.erases(erased))
    lifecycle.down(stack)
    lifecycle.up(stack, WITHOUT_SERVICES)
    place_keyring_copy(stack, max(stack.keyring_backups.glob("epoch-*.dump")))
    for service in SERVICES:
        Supervisor(stack).start_stopped((service,))
    within(lambda: all(ready(stack, one) == httpx.codes.SERVICE_UNAVAILABLE for one in SERVICES))
    refused = people.get("quotes", f"/api/quotes/{erased}").status_code
    assert refused == httpx.codes.SERVICE_UNAVAILABLE
    done = people.operator.run("journal", "replay", "--yes")["lines_done"]
    assert done >= 1
    within(lambda: is_open(stack), seconds=OPENS_SECONDS)
    assert not people.reads(erased)
    extent.saw(f"4 services shut; {done} line destroyed again; open and unreadable")


def test_f70_backup_older_than_erasures(extent: Extent, people: People) -> None:
    """Restored, all that was erased since is destroyed and scrubbed again; the rest is readable."""
    count = extent.of(2, 60)
    records = [people.asks(f"f70-{one}@canary.example") for one in range(count)]
    living = people.asks("f70-living@canary.example")
    people.operator.run("backup")
    for erasure in [people.erases(record) for record in records]:
        people.completed(erasure)
    if extent.whole:
        extent.saw(f"without the replay {_control(people)} findings turn red")
    took_seconds = restored(people)
    for record in records:
        within(partial(_is_completed, people, record))
        assert not people.reads(record)
    assert people.reads(living)
    extent.saw(f"{count} erased since the backup: 0 readable after {took_seconds:.0f} s of restore")


def _control(people: People) -> int:
    """How many findings turn red when the journal is left out, on a copy."""
    control = people.operator.run("drill", "restore", "--leave-out-replay", accept=(1,))
    red = {one["what"] for one in control["findings"] if not one["is_so"]}
    assert "every erased quote of the journal is unreadable" in red
    return len(red)


def _is_completed(people: People, record: str) -> bool:
    """Whether the restored logs know a completed erasure of a record."""
    items = people.get("retention", "/api/erasures?limit=200").json()["items"]
    return any(record in one["records"] and one["state"] == "completed" for one in items)


def test_f71_backup_from_the_middle_of_an_erasure(
    extent: Extent, people: People, stack: Stack
) -> None:
    """An erasure that the backup holds half done is taken up where it stood, and ends."""
    record = people.asks("f71@canary.example")
    Supervisor(stack).stop_one("consent")
    erasure = people.erases(record)
    within(lambda: "RecordScrubbed" in people.facts("billing", record))
    assert "ErasureCompleted" not in people.facts("retention", erasure)
    people.operator.run("backup")
    Supervisor(stack).start_stopped(("consent",))
    people.completed(erasure)
    restored(people)
    assert len(people.completed(erasure)["erased"]) == 1
    assert people.facts("retention", erasure).count("ErasureCompleted") == 1
    assert not people.reads(record)
    extent.saw("keys gone, 2 of 3 owners had answered: taken up, certified, unreadable")


def test_f73_journal_cut_or_lost_under_a_running_stack(
    extent: Extent, people: People, stack: Stack
) -> None:
    """Nothing opens while the journal ends before what the keyring has seen; whole, all goes on."""
    record = people.asks("f73@canary.example")
    people.completed(people.erases(people.asks("f73-erased@canary.example")))
    whole = stack.journal.read_bytes()
    lines = len(list(read_journal(stack.journal)))
    for kept in (b"".join(whole.splitlines(keepends=True)[:-1]), b""):
        stack.journal.write_bytes(kept)
        within(lambda: not any(ready(stack, one) == httpx.codes.OK for one in SERVICES))
        said = people.operator.run("journal", "verify", accept=(1,))["because"]
        assert "Bring back" in said or "bring back" in said
        stack.journal.write_bytes(whole)
        within(lambda: is_open(stack), seconds=OPENS_SECONDS)
        assert people.reads(record)
    extent.saw(f"journal of {lines} lines cut by one, then emptied: 4 services shut each time")
