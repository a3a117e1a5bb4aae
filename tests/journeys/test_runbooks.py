"""Every command of every runbook is run against a real stack in the situation it is for."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaProducer

from deploy.native.stack import CHECKOUT, SERVICES, Stack
from deploy.native.testing import running_stack
from ops.commands.parked import PAGE_ITEMS
from ops.service_doors import ServiceDoors
from ops.tour.operator_hand import OperatorHand
from tests.faults.people import People
from tests.journeys.earlier_database import earlier_database
from tests.journeys.runbook import FOLDER, blocks_of, follow

PLACE = CHECKOUT / ".local-runbooks"
DISK_MEGABYTES = 2000
SPOIL = "update quote_status set offer = 99 where record = $1"
WRITTEN_HERE = (
    *("replay", "erase", "key-loss", "disk-full", "poison-message"),
    *("clock-jump", "log-behind", "rotate-keys"),
)
HEARD, HEARER = "billing.events", "retention"
POISON_MESSAGES = 60
SECONDS = 60.0
# The first test of the file waits for the whole stack.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def is_own_disk() -> Iterator[bool]:
    """A small disk for the stack; where nobody may mount one, it shares ours and is never full."""
    PLACE.mkdir(exist_ok=True)
    words = ("mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(PLACE))
    mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    yield mounted
    if mounted:
        subprocess.run(("umount", "--lazy", str(PLACE)), check=True)
    shutil.rmtree(PLACE, ignore_errors=True)


@pytest.fixture(scope="module")
def stack(is_own_disk: bool) -> Iterator[Stack]:  # noqa: FBT001 - a fixture's name
    """Everything, as an operator runs it: with the real clock."""
    del is_own_disk
    with running_stack(PLACE / "home", parts="everything", clock="real") as running:
        yield running


def _ask(stack: Stack, email: str = "ans@voorbeeld.example") -> str:
    """The record of a new request for a price."""
    answer = httpx.post(
        f"{stack.service_url('quotes')}/api/quotes",
        json={"name": "Ans de Boer", "email": email, "brief": "A teapot.", "language": "nl"},
        headers={"Idempotency-Key": str(uuid4())},
        timeout=20,
    )
    answer.raise_for_status()
    return str(answer.json()["id"])


def _within(seen: Callable[[], bool]) -> None:
    """Look until it is so; looking takes its own time, so nothing sleeps."""
    deadline = time.monotonic() + SECONDS
    while not seen():
        assert time.monotonic() < deadline, "it was not seen in time"


async def _spoil(stack: Stack, record: str) -> None:
    connection = await asyncpg.connect(stack.database_url("superuser", "quotes"))
    try:
        await connection.execute(SPOIL, record)
    finally:
        await connection.close()


def test_a_spoilt_view_is_mended(stack: Stack, tmp_path: Path) -> None:
    """replay.md: the row is named, a slowed rebuild is held and cancelled, a switch mends it."""
    record, *_ = [_ask(stack) for _ in range(20)]
    asyncio.run(_spoil(stack, record))
    said = follow("replay", stack, tmp_path, {"RECORD": record})
    assert record in said
    assert ", switched" in said
    assert "  equal" in said.rsplit("--verify", 1)[-1]


def test_somebody_is_erased(stack: Stack, tmp_path: Path) -> None:
    """erase.md: the record and the person go, nothing is recoverable, no byte is found."""
    email = f"{uuid4()}@voorbeeld.example"
    record = _ask(stack)
    _ask(stack, email)
    said = follow("erase", stack, tmp_path, {"RECORD": record, "EMAIL": email})
    assert "ErasureCompleted" in said
    assert "0 hits" in said


def test_a_lost_key_is_put_back(stack: Stack, tmp_path: Path) -> None:
    """key-loss.md: without its key the doors say why; with the copy all is as before."""
    copies = tmp_path / "copies"
    copies.mkdir()
    for path in stack.keys.glob("epoch-*.key"):
        shutil.move(path, copies / path.name)
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        _ask(stack)
    said = follow("key-loss", stack, tmp_path, {"KEYS_COPY": str(copies)})
    assert "epoch keys" in said
    assert _ask(stack)


def test_a_full_disk_gets_room(stack: Stack, tmp_path: Path, *, is_own_disk: bool) -> None:
    """disk-full.md: with room again everything comes back, and what was answered is there.

    Shape: where no disk of its own could be mounted, every command is run on a disk with room.
    """
    record, ballast = _ask(stack), PLACE / "ballast"
    if is_own_disk:
        _fill(ballast)
        _within(lambda: _is_refused(stack))
    follow("disk-full", stack, tmp_path, {"NOT_OURS": str(ballast)})
    _ask(stack)
    assert not ballast.exists()
    story = ServiceDoors(stack, "quotes").get("/ops/status")
    assert (record != "", story["outbox_refused"]) == (True, 0)


def _fill(ballast: Path) -> None:
    """Leave no byte of the disk."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1_000_000))
        except OSError:
            os.fsync(file.fileno())


def _is_refused(stack: Stack) -> bool:
    try:
        _ask(stack)
    except httpx.HTTPError:
        return True
    return False


def test_a_log_restored_alone_takes_back_what_it_lost(stack: Stack, tmp_path: Path) -> None:
    """log-behind.md: billing holds, has its invoice again, and the next one has the next number.

    Source: F72.
    """
    people, doors = People(stack), ServiceDoors(stack, "billing")
    first = people.invoiced("f72-1@canary.example")
    with earlier_database(stack, "billing"):
        lost = people.invoiced("f72-2@canary.example")
        _within(lambda: doors.get("/ops/status")["outbox_rows"] == 0)
    _within(lambda: "log of billing lacks" in _readiness(stack, "billing"))
    said = follow("log-behind", stack, tmp_path, {"SERVICE": "billing"})
    assert "  equal" in said
    shown = people.get("billing", f"/api/invoices/{lost}").json()["number"]
    numbers = [first, shown, people.invoiced("f72-3@canary.example")]
    assert [int(one.partition("-")[2]) for one in numbers] == list(range(1, 4))
    assert not any(doors.get("/ops/status")["parked"].values())


def _readiness(stack: Stack, service: str) -> str:
    try:
        return httpx.get(f"{stack.service_url(service)}/readyz").text
    except httpx.TransportError:
        return ""


def test_keys_of_tokens_and_links_are_new(stack: Stack, tmp_path: Path) -> None:
    """rotate-keys.md: doors stay open, new keys hold, and what was signed before does not."""
    door = f"{stack.service_url('quotes')}/api/quotes"
    old_token = str(OperatorHand(stack).run("token", "--role", "staff")["token"])
    secrets = {path.name: path.read_bytes() for path in stack.secrets.glob("*")}
    follow("rotate-keys", stack, tmp_path, {"DOOR": door, "OLD_TOKEN": old_token})
    fresh = {name for name, kept in secrets.items() if (stack.secrets / name).read_bytes() != kept}
    links = {f"link-{service}.key" for service in SERVICES}
    assert fresh == {*links, "token-signing.pem", "token-verify.pem"}


async def _poison(stack: Stack) -> None:
    """Messages of as many records, none of which anybody can read."""
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka_servers) as producer:
        for _ in range(POISON_MESSAGES):
            await producer.send_and_wait(HEARD, b"no fact", key=str(uuid4()).encode())


def test_a_poisoned_topic_stops_a_hearer_until_somebody_looked(
    stack: Stack, tmp_path: Path
) -> None:
    """poison-message.md: hearing stops and says so, one is dropped, and an operator resumes it.

    Shape: the last on this stack, as it leaves messages behind that nobody can read.
    """
    asyncio.run(_poison(stack))
    doors = ServiceDoors(stack, HEARER)
    _within(lambda: bool(doors.get("/ops/status")["hearing_stopped"]))
    number = doors.get("/ops/parked", limit=PAGE_ITEMS)["items"][0]["parked_id"]
    known = {"SERVICE": HEARER, "NUMBER": str(number), "SERVICE_URL": stack.service_url(HEARER)}
    said = follow("poison-message", stack, tmp_path, known)
    assert "hearing stopped at" in said
    assert "sent by mistake, no fact of ours" in said
    assert doors.get("/ops/status")["hearing_stopped"] is None


def test_every_runbook_is_a_page_of_commands_in_order() -> None:
    """A runbook is short, says when and how one knows, and has commands."""
    for name in WRITTEN_HERE:
        text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
        assert text.count("\n") <= 60
        assert all(word in text for word in ("**When.**", "**What you see.**", "**How you know"))
        assert len(blocks_of(name)) >= 3
