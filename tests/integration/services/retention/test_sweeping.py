"""The sweep on a real Postgres: what is due, what stops it, and what it may cost."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from services.retention.app.ports import BatchLog
from services.retention.app.sweep import Sweep, SweepLimits
from services.retention.store.clock_table import QUERIES, DueClaims
from services.retention.store.sweep_state_table import SweepMemory
from tests.integration.services.retention.running import INSPECTION, Running

PERSON = b"a blind index, 32 bytes in truth"
YEAR_AND_A_BIT_DAYS = 370


def sweep_of(running: Running) -> Sweep:
    """The sweep, with limits that a test can reach."""
    return Sweep(
        pool=running.ground.pool,
        log=cast("BatchLog", running.log),
        stamp=running.ground.stamp,
        clock=running.clock,
        claims=DueClaims(),
        memory=SweepMemory(running.ground.pool),
        limits=SweepLimits(
            clock_jump=timedelta(days=10_000), records_per_run=4, records_per_batch=2
        ),
    )


async def verdicts(running: Running) -> dict[str, Any]:
    """What every check of retention says."""
    results = [await check() for check in running.built.evidence.values()]
    return {result.check: result.verdict for result in results}


@pytest.mark.policy("5.1.quote")
async def test_unanswered_quote_is_gone_after_its_term(running: Running) -> None:
    """Twelve months after the last contact it goes, by the same path as a request."""
    record = await running.quoted(PERSON)
    running.pass_days(YEAR_AND_A_BIT_DAYS)
    await running.post("/api/sweep")
    await running.finish()
    assert await running.names(record) == ["ClockStarted", "RecordDue", "RecordErased"]
    assert await running.keyrings_see(record) == "Shredded"


async def test_quote_stays_inside_its_term(running: Running) -> None:
    """A day before its date nothing is called due."""
    record = await running.quoted(PERSON)
    running.pass_days(360)
    await running.post("/api/sweep/confirmation")
    await running.post("/api/sweep")
    assert await running.names(record) == ["ClockStarted"]


async def test_clock_that_jumped_stops_the_sweep_until_it_is_confirmed(running: Running) -> None:
    """A jump erases nothing before an operator has looked (F42)."""
    await running.post("/api/sweep")
    record = await running.quoted(PERSON)
    running.pass_days(YEAR_AND_A_BIT_DAYS)
    stopped = await running.post("/api/sweep")
    shown = (await running.get("/api/sweep")).json()
    assert (stopped.status_code, shown["state"]) == (409, "stopped")
    assert await running.names(record) == ["ClockStarted"]
    await running.post("/api/sweep/confirmation")
    swept = await running.post("/api/sweep")
    assert swept.json() == {"called_due": 1}


async def test_one_run_goes_no_further_than_its_limit(running: Running) -> None:
    """However much is due, a run ends at its limit, and the next one goes on."""
    for _ in range(5):
        await running.quoted(PERSON)
    running.pass_days(YEAR_AND_A_BIT_DAYS)
    sweep = sweep_of(running)
    assert [await sweep.run(), await sweep.run(), await sweep.run()] == [4, 1, 0]


async def test_sweeps_side_by_side_call_each_term_due_once(running: Running) -> None:
    """Two processes that sweep at once share the work."""
    for _ in range(8):
        await running.quoted(PERSON)
    running.pass_days(YEAR_AND_A_BIT_DAYS)
    sweep = sweep_of(running)
    limits = replace(sweep.limits, records_per_run=100)
    sweeps = [replace(sweep, limits=limits) for _ in range(3)]
    called = sum(await asyncio.gather(*(one.run() for one in sweeps)))
    called += await sweeps[0].run()
    assert called == 8


async def test_what_ended_is_found_by_its_index(running: Running) -> None:
    """The sweep reads what is due and not what is kept, holds that stand for years included."""
    async with running.ground.pool.acquire() as connection, connection.transaction():
        await connection.execute(INSPECTION["forbid_scans"])
        explained = "explain " + QUERIES["claim_due"]
        rows = await connection.fetch(explained, running.clock.now(), 10)
    plan = "\n".join(row[0] for row in rows)
    assert "clock_to_sweep" in plan
    assert "Sort" not in plan


async def test_due_and_simulation_tell_what_will_go_and_why(running: Running) -> None:
    """Before anything goes an operator can see it, with clause and reason."""
    record = await running.quoted(PERSON)
    due = (await running.get("/api/due?before=2099-01-01", "staff")).json()["items"]
    simulated = (await running.get("/api/simulation?at=2099-01-01", "operator")).json()
    assert [(one["record"], one["clause"], one["reason"]) for one in due] == [
        (str(record), "5.1.quote", "a price was asked for")
    ]
    assert simulated["items"] == due
    assert simulated["figures"] == [{"clause": "5.1.quote", "state": "open", "categories": 1}]


async def test_simulation_changes_nothing(running: Running) -> None:
    """Asking what would go erases nothing."""
    record = await running.quoted(PERSON)
    await running.get("/api/simulation?at=2099-01-01")
    assert await running.names(record) == ["ClockStarted"]


async def test_due_terms_are_listed_page_by_page(running: Running) -> None:
    """Following the cursor shows each term once, soonest first."""
    records = [str(await running.quoted(PERSON)) for _ in range(3)]
    first = (await running.get("/api/due?limit=2")).json()
    rest = (await running.get(f"/api/due?limit=2&cursor={first['next']}")).json()
    assert [one["record"] for one in (*first["items"], *rest["items"])] == records


async def test_evidence_turns_from_nothing_to_broken_to_kept(running: Running) -> None:
    """A quote that outlived its term is shown with its event, until it is gone."""
    before = await verdicts(running)
    await running.quoted(PERSON)
    running.pass_days(YEAR_AND_A_BIT_DAYS)
    overdue = await running.built.evidence["quotes_erased_on_time"]()
    await running.post("/api/sweep")
    await running.finish()
    after = await verdicts(running)
    assert set(before.values()) == {"nothing_to_check"}
    assert (overdue.verdict, len(overdue.events)) == ("broken", 1)
    assert (after["quotes_erased_on_time"], after["erasures_certified"]) == ("kept", "kept")


async def test_doors_are_closed_to_others(running: Running) -> None:
    """Nothing is open by default, and a role opens only its own doors."""
    closed: dict[str, tuple[str, ...]] = {
        "/api/erasures": (),
        "/api/held": (),
        "/api/due": ("auditor",),
        "/api/simulation?at=2030-01-01": ("staff",),
        "/api/sweep": ("staff", "auditor"),
    }
    for path, roles in closed.items():
        headers = running.caller(*roles) if roles else {}
        answer = await running.http.get(path, headers=headers)
        assert answer.status_code == (403 if roles else 401), path


async def test_bad_input_names_the_field_and_repeats_nothing(running: Running) -> None:
    """A clear problem, and nothing personal in it."""
    bodies: list[tuple[dict[str, str], str]] = [
        ({}, ""),
        ({"record": "not an id"}, "/record"),
        ({"email": "Ada <ada@canary.example>"}, "/email"),
        ({"email": "ada@canary.example", "reason": "Ada asked"}, "/reason"),
        ({"email": "ada@canary.example", "why": "x"}, "/why"),
    ]
    for body, pointer in bodies:
        answer = await running.post("/api/erasures", body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
        assert "ada" not in answer.text.lower()
