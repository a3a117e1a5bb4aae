"""Erasures on the running services: stale keys, killed connections, repeats, outages, replays."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import cycle
from uuid import uuid4

import httpx
import pytest

from deploy.native.stack import CHECKOUT, Stack
from deploy.native.supervision import Supervisor
from deploy.native.testing import running_stack
from libs.keyring.cache import CEILING_SECONDS
from ops.tour.mailbox import letters_to
from tests.faults.extent import Extent
from tests.faults.people import OK, People
from tests.integration.ops.asking import within
from tests.storm.processes import NotHit, Processes, kill_hard

pytestmark = pytest.mark.timeout(900)
LONG_SECONDS = 180.0
TERMS = ("quote", "billing")
"""What of an order falls due, each once."""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """One whole stack for all tests of the file; each mends what it broke."""
    with running_stack(CHECKOUT / ".local-faults-erasures", parts="everything") as made:
        yield made


@pytest.fixture(scope="module")
def people(stack: Stack) -> People:
    """Who has to do with it."""
    return People(stack)


def test_f56_key_in_memory_when_the_broadcast_is_lost(
    extent: Extent, people: People, stack: Stack
) -> None:
    """A key that a service remembers is unreadable when it hears, and within a minute if not."""
    record = people.asks("f56@canary.example")
    assert people.reads(record)
    with Processes(stack).paused("kafka"):
        erasure = people.erases(record)
        within(lambda: "RecordErased" in people.facts("retention", record))
        destroyed_at = time.monotonic()
        assert people.reads(record), "quotes does not remember keys: the fault met nothing"
        if extent.whole:
            within(lambda: not people.reads(record), seconds=CEILING_SECONDS + 10)
            unread_seconds = time.monotonic() - destroyed_at
            extent.saw(f"broadcast lost: unreadable after {unread_seconds:.0f} s")
    began = time.monotonic()
    within(lambda: not people.reads(record))
    people.completed(erasure)
    extent.saw(f"broadcast heard: unreadable within {time.monotonic() - began:.1f} s")


def test_f57_keyring_connections_killed_while_keys_are_destroyed(
    extent: Extent, people: People, stack: Stack
) -> None:
    """Half destroyed is destroyed: every erasure ends, and none of them can be read."""
    records = [people.asks(f"f57-{one}@canary.example") for one in range(extent.of(4, 20))]
    processes, kills = Processes(stack), 0
    erasures = [people.erases(record) for record in records]
    for _ in range(extent.of(2, 20)):
        for pid in processes.backends("retention")[:1]:
            with suppress(NotHit):
                kill_hard(pid)
                kills += 1
        within(lambda: processes.backends("retention"))
    assert kills
    for record, erasure in zip(records, erasures, strict=True):
        people.completed(erasure)
        assert not people.reads(record)
    extent.saw(f"{kills} backends killed under {len(records)} erasures, all completed")


def test_f59_same_erasure_asked_for_many_times_at_once(extent: Extent, people: People) -> None:
    """Equal requests are one erasure with one certificate; others end too and destroy nothing."""
    record, key = people.asks("f59@canary.example"), str(uuid4())
    times = extent.of(8, 40)
    with ThreadPoolExecutor(8) as pool:
        equal = set(pool.map(lambda _: people.erases(record, key=key), range(times)))
        others = set(pool.map(lambda _: people.erases(record), range(3)))
    assert len(equal) == 1
    shown = {one: people.completed(one) for one in (*equal, *others)}
    assert sum(len(one["erased"]) for one in shown.values()) == 1
    assert people.facts("retention", record).count("RecordErased") == 1
    certificates = {
        people.get("retention", f"/api/erasures/{one}/certificate").text for one in shown
    }
    assert len(certificates) == len(shown)
    extent.saw(f"{times} equal and 3 other requests: 1 + 3 erasures, 1 key destroyed")


def test_f61_orders_and_erasures_at_the_same_moment(extent: Extent, people: People) -> None:
    """F61 and F62 on the real parts: one outcome for each pair, known to every service."""
    records = [people.asks(f"f61-{one}@canary.example") for one in range(extent.of(6, 60))]
    for record in records:
        people.is_offered(record)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(partial(_raced, people), records, cycle((True, False))))
    assert set(answers) <= {httpx.codes.OK, httpx.codes.GONE}
    for record, answer in zip(records, answers, strict=True):
        within(partial(_agree, people, record, answer == OK))
    ordered = answers.count(OK)
    extent.saw(f"{len(records)} races: {ordered} ordered and held, the rest erased and told")


def _raced(people: People, record: str, is_ordered_first: bool) -> int:  # noqa: FBT001 - who starts
    """What the customer is answered when the order and the erasure start at once; both end."""
    with ThreadPoolExecutor(2) as pool:
        accepting = pool.submit(people.accepts, record) if is_ordered_first else None
        erasing = pool.submit(people.erases, record)
        accepting = accepting or pool.submit(people.accepts, record)
    people.completed(erasing.result())
    return accepting.result().status_code


def _agree(people: People, record: str, is_ordered: bool) -> bool:  # noqa: FBT001 - what was told
    """Whether every service says the same of the race, and the quote itself is gone."""
    held = bool(_held_until(people, record))
    said = {
        "QuoteAccepted" in people.facts("quotes", record),
        "OrderPlaced" in people.facts("billing", record),
        held,
    }
    return said == {is_ordered} and not people.reads(record)


def test_f62_erasure_waits_for_the_answer_of_billing(
    extent: Extent, people: People, stack: Stack
) -> None:
    """While billing is away nothing is certified; after an hour it is asked again, and shown."""
    record = people.asks("f62@canary.example")
    Supervisor(stack).stop_one("billing")
    erasure = people.erases(record)
    within(lambda: not people.reads(record))
    people.operator.run("clock", "advance", "2hours")
    within(lambda: "ScrubAskedAgain" in people.facts("retention", erasure))
    shown = people.get("retention", f"/api/erasures/{erasure}").json()
    assert shown["state"] == "under_way"
    assert {one["owner"] for one in shown["waiting_for"]} >= {"billing"}
    status = people.operator.run("status", accept=(1, 3))
    assert status["erasures"]["asked_again"] == 1
    Supervisor(stack).start_stopped(("billing",))
    people.completed(erasure)
    assert "RecordScrubbed" in people.facts("billing", record)
    extent.saw("2 h of silence: not certified, asked again, shown; answered and completed")


def test_f64_letter_that_waits_is_not_sent_to_who_is_erased_meanwhile(
    extent: Extent, people: People, stack: Stack
) -> None:
    """Whether a letter may go is looked at when it is sent, not when it was put in the queue."""
    Supervisor(stack).stop_one("mail")
    erased, kept = people.asks("f64-erased@canary.example"), people.asks("f64-kept@canary.example")
    people.completed(people.erases(erased))
    Supervisor(stack).start_stopped(("mail",))
    assert within(lambda: letters_to(stack.mailbox, "f64-kept"), seconds=LONG_SECONDS)
    within(lambda: not _owes(people), seconds=LONG_SECONDS)
    assert people.reads(kept)
    assert letters_to(stack.mailbox, "f64-erased") == []
    extent.saw("two letters waited for the mail server: one left, none to who was erased")


def _owes(people: People) -> int:
    services = people.operator.run("status", accept=(0, 1, 3))["services"]
    return sum(one["effects_waiting"] for one in services if one["service"] == "quotes")


def test_f64_withdrawal_counts_for_who_asks_when_sending(extent: Extent, people: People) -> None:
    """I11: from the answer to a withdrawal on, whoever asks before a mailing is told no."""
    visitors = [str(uuid4()) for _ in range(extent.of(10, 200))]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: _choose(people, one, marketing=True), visitors))
        told_late = sum(pool.map(lambda one: _withdrawn_and_asked(people, one), visitors))
    assert told_late == 0
    extent.saw(f"{len(visitors)} withdrawals, each asked about at once: 0 told yes")


def _choose(people: People, visitor: str, *, marketing: bool) -> None:
    names = ("functional", "analytical", "advertisement", "portfolio")
    body = {"visitor": visitor, **dict.fromkeys(names, False), "marketing": marketing}
    body |= {"source": "settings", "notice_version": "1", "language": "en", "gpc": False}
    people.post("consent", "/api/choices", body).raise_for_status()


def _withdrawn_and_asked(people: People, visitor: str) -> bool:
    _choose(people, visitor, marketing=False)
    told: bool = people.get("consent", f"/api/choices/{visitor}").json()["marketing"]
    return told


def test_f63_hold_ends_in_an_outage_and_another_is_extended_on_its_last_day(
    extent: Extent, people: People, stack: Stack
) -> None:
    """What is held goes only by the word of who holds it; a last day that moved counts."""
    ending, extended = people.orders("f63-a@canary.example"), people.orders("f63-b@canary.example")
    last_on = _held_until(people, ending)
    people.operator.run("clock", "advance", f"{last_on}T10:00:00Z")
    done = {"delivered_on": last_on}
    people.post("quotes", f"/api/quotes/{extended}/project/completion", done).raise_for_status()
    within(lambda: _held_until(people, extended) > last_on)
    Supervisor(stack).stop_one("billing")
    people.operator.run("clock", "advance", "2days")
    within(lambda: people.facts("retention", ending).count("RecordDue") == len(TERMS))
    assert _held_until(people, ending) == last_on
    Supervisor(stack).start_stopped(("billing",))
    within(lambda: not _held_until(people, ending), seconds=LONG_SECONDS)
    assert "InvoiceHoldReleased" in people.facts("billing", ending)
    within(lambda: people.facts("retention", ending).count("RecordErased") == len(TERMS))
    assert "InvoiceHoldReleased" not in people.facts("billing", extended)
    moved_on = _held_until(people, extended)
    extent.saw(f"held past {last_on} until billing was back, then gone; the other to {moved_on}")


def _held_until(people: People, record: str) -> str:
    items = people.get("retention", "/api/held?limit=200").json()["items"]
    return max((one["until_on"] for one in items if one["record"] == record), default="")
