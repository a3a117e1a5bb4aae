"""The door of auditors, over the real log."""

import json
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from deploy.native.stack import OWNER
from deploy.native.testing import FreshDatabase
from tests.integration.services.consent.running import INSPECTION, REFUSAL, Running

PATH = "/api/consent-history"


async def _ask(running: Running, **query: Any) -> dict[str, Any]:
    answer = await running.http.get(PATH, params=query, headers=running.as_role("auditor"))
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def test_pages_hold_every_choice_once_in_order(running: Running) -> None:
    """Page by page an auditor sees each choice once, oldest first."""
    for _ in range(5):
        await running.chosen(uuid4())
    page = await _ask(running, limit=2)
    seen = page["items"]
    while page["next"]:
        page = await _ask(running, limit=2, cursor=page["next"])
        seen += page["items"]
    assert [one["recorded_at"] for one in seen] == sorted({one["recorded_at"] for one in seen})
    assert len({one["event_id"] for one in seen}) == 5


async def test_pages_of_one_visitor_hold_only_theirs(running: Running) -> None:
    """The visitor's id finds the record through the keyring, page by page."""
    visitor = uuid4()
    for _ in range(3):
        await running.chosen(visitor)
        await running.chosen(uuid4())
    first = await _ask(running, visitor=str(visitor), limit=2)
    rest = await _ask(running, visitor=str(visitor), limit=2, cursor=first["next"])
    assert [one["version"] for one in first["items"] + rest["items"]] == [1, 2, 3]


async def test_unknown_visitor_has_no_history(running: Running) -> None:
    """A visitor nobody knows finds nothing, not everything."""
    await running.chosen(uuid4())
    assert (await _ask(running, visitor=str(uuid4())))["items"] == []


async def test_purpose_shows_the_choices_that_changed_it(running: Running) -> None:
    """A filter by purpose leaves out choices that left its answer as it was."""
    visitor = uuid4()
    await running.chosen(visitor)
    await running.chosen(visitor, portfolio=True)
    await running.chosen(visitor, **REFUSAL)
    page = await _ask(running, visitor=str(visitor), purpose="marketing")
    assert [one["version"] for one in page["items"]] == [1, 3]


async def test_span_is_half_open(running: Running) -> None:
    """From a moment on, to before another."""
    first, second = [await running.chosen(uuid4()) for _ in range(2)]
    page = await _ask(running, **{"from": first["chosen_at"], "to": second["chosen_at"]})
    assert [one["event_id"] for one in page["items"]] == [first["event_id"]]


async def test_stream_holds_every_choice(running: Running) -> None:
    """As NDJSON everything comes in one answer, a line each."""
    for _ in range(3):
        await running.chosen(uuid4())
    headers = running.as_role("auditor") | {"Accept": "application/x-ndjson"}
    answer = await running.http.get(PATH, headers=headers)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == (await _ask(running))["items"]


async def test_only_auditors_see_the_history(running: Running) -> None:
    """Nobody else is let in."""
    everyone: tuple[dict[str, str], ...] = (
        {},
        running.as_role("staff"),
        running.as_role("operator"),
    )
    answers = [await running.http.get(PATH, headers=headers) for headers in everyone]
    assert [one.status_code for one in answers] == [401, 403, 403]


async def test_history_stays_when_a_visitor_is_erased(running: Running) -> None:
    """The proof of what was chosen stays; only whose it was is forgotten."""
    shown = await running.chosen(uuid4())
    await running.erase(shown["record"])
    assert [one["record"] for one in (await _ask(running))["items"]] == [shown["record"]]


@pytest.mark.parametrize("query", ["explain_page", "explain_choice_at"])
async def test_history_is_read_by_its_index(own_database: FreshDatabase, query: str) -> None:
    """Neither a page nor a past moment reads the whole table or sorts it."""
    connection = await asyncpg.connect(own_database.url(OWNER))
    await connection.execute(INSPECTION["plant_history"])
    await connection.execute(INSPECTION["analyze_history"])
    plan = "\n".join(row[0] for row in await connection.fetch(INSPECTION[query]))
    await connection.close()
    assert ("Index" in plan, "Seq Scan" in plan, "Sort" in plan) == (True, False, False), plan
