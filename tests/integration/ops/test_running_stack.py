"""The command on a whole stack: what it shows, what it changes, and what its scan finds."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from typer.testing import Result

from deploy.native.stack import SERVICES, Stack
from tests.integration.ops import planting
from tests.integration.ops.asking import ask_for_a_quote, within

Flux3d = Callable[..., Result]
# The first test of the file waits for the whole stack.
pytestmark = pytest.mark.timeout(240)


def data(ended: Result, *, code: int = 0) -> Any:
    """What a command printed as JSON, when it ended as it should."""
    assert ended.exit_code == code, ended.output
    return json.loads(ended.stdout)


def names(flux3d: Flux3d, record: str) -> list[str]:
    """The facts of a record's story, by name."""
    ended = flux3d("events", "story", record, "--json")
    return [one["name"] for one in data(ended)["items"]] if ended.exit_code == 0 else []


def test_status_of_a_well_stack_is_fine(flux3d: Flux3d) -> None:
    """Every part answers and nothing waits for ever."""
    seen = within(lambda: data(flux3d("status", "--json")))
    assert {one["service"] for one in seen["services"]} == set(SERVICES)
    assert all(one["ready"] for one in seen["processes"])


@pytest.mark.parametrize(("role", "status"), [("operator", 200), ("staff", 403)])
def test_token_opens_the_doors_of_its_role(
    flux3d: Flux3d, running: Stack, role: str, status: int
) -> None:
    """A service trusts the token for what its role may do and for nothing else."""
    token = flux3d("token", "--role", role).stdout.strip()
    url = f"{running.service_url('retention')}/api/sweep"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status


def test_story_is_told_without_its_person(flux3d: Flux3d, running: Stack) -> None:
    """A request and the clock it started are one story, and its personal part stays sealed."""
    record = ask_for_a_quote(running, name="Noor de Wit")
    assert within(lambda: names(flux3d, record)[:2] == ["QuoteRequested", "ClockStarted"])
    shown = flux3d("events", "story", record)
    assert "⟨sealed⟩" in shown.stdout
    assert "Noor" not in shown.stdout


def test_listing_is_paged_without_losing_a_fact(flux3d: Flux3d, running: Stack) -> None:
    """Page by page backwards, every fact of a service comes once."""
    for _ in range(5):
        ask_for_a_quote(running)
    words = ["events", "list", "--service", "quotes", "--json", "--limit", "2"]
    page = data(flux3d(*words))
    places = [one["position"] for one in page["items"]]
    while page["before"]:
        page = data(flux3d(*words, "--before", page["before"]))
        places = [one["position"] for one in page["items"]] + places
    assert places == list(range(1, page["looked"][0]["last"] + 1))


def test_one_fact_is_shown_by_id_and_by_place(flux3d: Flux3d, running: Stack) -> None:
    """The two addresses of a fact lead to the same fact; another id leads to none."""
    record = ask_for_a_quote(running)
    (listed,) = data(flux3d("events", "list", "--record", record, "--json", "--service", "quotes"))[
        "items"
    ]
    by_place = data(flux3d("events", "show", f"quotes:{listed['position']}", "--json"))
    assert by_place == data(flux3d("events", "show", listed["event_id"], "--json"))
    assert flux3d("events", "show", str(uuid4())).exit_code == 1


def test_record_is_erased_by_the_one_path(flux3d: Flux3d, running: Stack) -> None:
    """An erasure that nothing holds ends completed, and the story says so."""
    record = ask_for_a_quote(running)
    assert within(lambda: "ClockStarted" in names(flux3d, record))
    (clock,) = data(flux3d("erase", record, "--dry-run", "--json"))["items"]
    assert (clock["category"], clock["state"]) == ("quote", "open")
    seen = data(flux3d("erase", record, "--yes", "--json"))
    assert (seen["state"], seen["records"]) == ("completed", [record])
    assert {"RecordErased", "RecordScrubbed", "ErasureCompleted"} <= set(names(flux3d, record))


def test_people_are_erased_by_their_address_unseen(flux3d: Flux3d, running: Stack) -> None:
    """By an address every record of its person goes."""
    record = ask_for_a_quote(running, email="sanne@voorbeeld.example")
    seen = data(flux3d("erase", "--email", "sanne@voorbeeld.example", "--yes", "--json"))
    assert seen["records"] == [record]


def test_clock_moves_and_what_is_due_goes(flux3d: Flux3d, running: Stack) -> None:
    """Thirteen months later an unanswered request is gone, and the simulation had said so."""
    record = ask_for_a_quote(running)
    assert within(lambda: "ClockStarted" in names(flux3d, record))
    now = data(flux3d("clock", "--json"))["now"]
    later = f"{int(now[:4]) + 2}-01-01"
    going = data(flux3d("simulate", "--at", later, "--json"))["items"]
    assert record in {one["record"] for one in going}
    assert data(flux3d("clock", "advance", "13months", "--json"))["moved"]
    assert within(lambda: "ErasureCompleted" in names(flux3d, record))
    assert data(flux3d("sweep", "--dry-run", "--json"))["state"] == "running"


def test_clock_does_not_go_back(flux3d: Flux3d) -> None:
    """A day in the past is refused and nothing is moved."""
    assert flux3d("clock", "advance", "2020-01-01").exit_code == 1


def test_views_are_what_their_facts_say(flux3d: Flux3d) -> None:
    """Every view of every service, rebuilt from Kafka, equals the live one."""
    found = data(flux3d("replay", "all", "--verify", "--json"))["items"]
    assert {one["service"] for one in found} == set(SERVICES)
    assert all(one["equal"] for one in found)


def test_no_clause_is_broken(flux3d: Flux3d) -> None:
    """Every service answers for its clauses, and none is broken."""
    seen = data(flux3d("evidence", "--json"))
    assert {one["service"] for one in seen["items"]} == set(SERVICES)
    assert "broken" not in seen["counts"]


STORES = {
    *("postgres pages", "postgres toast", "postgres wal", "postgres rows"),
    *("postgres temporary files", "kafka files", "bucket", "bucket open parts"),
    *(f"kafka records, {name}" for name in ("gzip", "snappy", "lz4", "zstd")),
    *(f"compressed files, {name}" for name in ("gzip", "snappy", "lz4", "zstd")),
    *("attributes", "names", "logs", "run", "keys", "secrets", "journal", "metrics"),
    "memory of a control",
}


@pytest.mark.policy("1.1.contact")
def test_scan_of_a_clean_stack_sees_every_control(flux3d: Flux3d, running: Stack) -> None:
    """A person who asked for a quote and is not erased is in no store of ours in the clear."""
    ask_for_a_quote(running, name="Wietske Hoekstra-Boom", email="wietske@voorbeeld.example")
    words = ("--canary", "Wietske Hoekstra-Boom", "--canary", "wietske@voorbeeld.example")
    report = data(flux3d("scan", *words, "--json"))
    assert (report["clean"], report["hits_total"]) == (True, 0)
    assert all(one["controls_found"] == one["controls"] for one in report["stores"])
    assert {one["store"] for one in report["stores"] if one["controls"]} >= STORES
    assert report["outside"]["files"] > 0


def test_scan_finds_a_leak_in_every_store(flux3d: Flux3d, running: Stack) -> None:
    """A text is found in a deleted compressed row, in a live one, in Kafka, bucket and log."""
    text = "Jorrit Terpstra, Kade 7 Harlingen"
    asyncio.run(planting.in_postgres(running, text))
    asyncio.run(planting.in_postgres_row(running, text + " and more" * 900))
    asyncio.run(planting.in_kafka(running, text))
    planting.in_bucket(running, text)
    (running.logs / "leak.log").write_text(text.upper(), encoding="utf-8")
    report = data(flux3d("scan", "--canary", text, "--json"), code=1)
    hit = {one["store"] for one in report["stores"] if one["hits"]}
    assert hit >= {"postgres pages", "postgres rows", "kafka records, zstd", "attributes", "logs"}
    assert text not in json.dumps(report)


@pytest.mark.policy("6.erasure")
def test_nothing_of_an_erased_person_is_in_memory(flux3d: Flux3d, running: Stack) -> None:
    """After an erasure no service holds a word of the person, or the key, in any byte it has."""
    name, address = "Geertruida Kanarie-Bos", "geertruida@voorbeeld.example"
    # The end of something long lies where nothing short is written over it soon.
    last_words = "CANARY-WOMBAT-5F0E21 at the end"
    brief = "forty chairs and a table " * 700 + last_words
    record = ask_for_a_quote(running, name=name, email=address, brief=brief)
    assert within(lambda: "ClockStarted" in names(flux3d, record))
    key = asyncio.run(planting.read_key(running, UUID(record)))
    assert data(flux3d("erase", record, "--yes", "--json"))["state"] == "completed"
    texts = [word for text in (name, address, last_words) for word in ("--canary", text)]
    words = (*texts, "--canary-hex", key.hex())
    report = within(lambda: _clean(flux3d("scan", *words, "--memory", "services", "--json")))
    looked = {one["store"] for one in report["stores"]}
    assert looked >= {f"memory of {service}" for service in SERVICES}


def test_scan_finds_what_is_in_memory(flux3d: Flux3d, running: Stack) -> None:
    """What a service has at hand is found there, so finding nothing means something."""
    secret = (running.secrets / "postgres-quotes.password").read_text(encoding="ascii").strip()
    words = ("--canary", secret, "--memory", "services", "--json")
    report = data(flux3d("scan", *words), code=1)
    assert "memory of quotes" in {one["store"] for one in report["stores"] if one["hits"]}


def test_scan_says_when_the_wal_is_hidden(flux3d: Flux3d, running: Stack) -> None:
    """A setting that would hide bytes from the search makes the scan fail."""
    _alter(running, "alter system set wal_compression = on")
    try:
        report = data(flux3d("scan", "--json"), code=1)
    finally:
        _alter(running, "alter system reset wal_compression")
    assert any("wal_compression" in fault for fault in report["faults"])


def test_nothing_of_the_control_is_left(flux3d: Flux3d, running: Stack) -> None:
    """After a scan its table, object and files are gone."""
    assert flux3d("scan").exit_code == 0
    left = [path.name for path in running.home.rglob("flux3d-scan-control*")]
    assert left == ["flux3d-scan-control.lock"]


def test_unreadable_message_is_shown_tried_and_dropped(flux3d: Flux3d, running: Stack) -> None:
    """What was set aside makes the status say no until somebody drops it with a reason.

    Why: this stands last, because a rebuild refuses a topic with a message it cannot read.
    """
    asyncio.run(planting.unreadable(running, "no event"))
    parked = within(lambda: data(flux3d("parked", "list", "retention", "--json"))["items"])
    number = str(parked[0]["parked_id"])
    assert flux3d("status").exit_code == 1
    shown = data(flux3d("parked", "show", "retention", number, "--json"))
    assert "no event" not in json.dumps(shown)
    again = data(flux3d("parked", "retry", "retention", number, "--json"), code=1)
    assert again["still_parked"] == 1
    assert flux3d("parked", "drop", "retention", number, "--reason", "a test").exit_code == 1
    for service in SERVICES:
        for one in data(flux3d("parked", "list", service, "--json"))["items"]:
            words = ("parked", "drop", service, str(one["parked_id"]), "--reason", "a test")
            assert flux3d(*words, "--yes").exit_code == 0
    assert data(flux3d("parked", "list", "--json"))["items"] == []


def _clean(ended: Result) -> Any:
    """A report that is clean, or nothing: what is at work when a person goes is soon done."""
    return json.loads(ended.stdout) if ended.exit_code == 0 else None


def _alter(stack: Stack, statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(stack.database_url("superuser", "postgres"))
        try:
            await connection.execute(statement)
            await connection.execute("select pg_reload_conf()")
        finally:
            await connection.close()

    asyncio.run(run())
