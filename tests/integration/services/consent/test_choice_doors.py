"""The doors of visitors, over the real log and keyring."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.integration.services.consent.running import CHOICE, INSPECTION, REFUSAL, Running


@pytest.mark.policy("2.marketing")
async def test_withdrawal_counts_at_once(running: Running) -> None:
    """What was given by one call is taken back by one call, and shown so at once."""
    visitor = uuid4()
    await running.chosen(visitor)
    await running.chosen(visitor, **REFUSAL)
    shown = (await running.http.get(f"/api/choices/{visitor}")).json()
    assert (shown["analytical"], shown["marketing"]) == (False, False)


async def test_past_moment_shows_what_counted_then(running: Running) -> None:
    """What a visitor agreed to at a moment can be shown later."""
    visitor = uuid4()
    first = await running.chosen(visitor)
    await running.chosen(visitor, **REFUSAL)
    then = await running.http.get(f"/api/choices/{visitor}", params={"at": first["chosen_at"]})
    assert then.json() == first


async def test_moment_before_the_first_choice_is_not_found(running: Running) -> None:
    """Before the first choice nothing counted."""
    visitor = uuid4()
    await running.chosen(visitor)
    early = (running.clock.now() - timedelta(days=1)).isoformat()
    answer = await running.http.get(f"/api/choices/{visitor}", params={"at": early})
    assert answer.status_code == 404


async def test_visitor_who_never_chose_is_not_found(running: Running) -> None:
    """Looking keeps nothing and finds nothing."""
    answer = await running.http.get(f"/api/choices/{uuid4()}")
    assert answer.json()["type"] == "/problems/no-choice-kept"


async def test_first_choice_is_created_and_later_ones_are_not(running: Running) -> None:
    """201 says that a record began, 200 that it went on."""
    body = CHOICE | {"visitor": str(uuid4())}
    answers = [await running.post("/api/choices", body) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]


async def test_repeated_write_is_answered_from_the_first(running: Running) -> None:
    """The same key and body keep one choice, and get the same bytes."""
    body, key = CHOICE | {"visitor": str(uuid4())}, "a-key-of-its-own"
    first, second = [await running.post("/api/choices", body, key=key) for _ in range(2)]
    assert (first.content, second.headers["Idempotency-Replayed"]) == (second.content, "true")


async def test_repeated_writes_at_once_keep_one_choice(running: Running) -> None:
    """The same key several times at once keeps one choice."""
    body, key = CHOICE | {"visitor": str(uuid4())}, "a-key-of-its-own"
    answers = await asyncio.gather(*(running.post("/api/choices", body, key=key) for _ in range(5)))
    record = UUID(answers[0].json()["record"])
    assert (len({one.content for one in answers}), await running.names(record)) == (
        1,
        ["ConsentChanged"],
    )


@pytest.mark.policy("1.2.signals")
async def test_signal_counts_from_header_and_body(running: Running) -> None:
    """The browser's header is a signal, and so is the banner's word for it."""
    for header, in_body in (("1", False), ("0", True)):
        body = CHOICE | {"visitor": str(uuid4()), "gpc": in_body}
        headers = {"Idempotency-Key": str(uuid4()), "Sec-GPC": header}
        answer = await running.http.post("/api/choices", json=body, headers=headers)
        assert answer.json()["refused_by_signal"] == ["analytical", "marketing"]


async def test_log_holds_no_visitor(running: Running) -> None:
    """Neither the log nor the kept answer carries the visitor's id."""
    visitor = uuid4()
    record = UUID((await running.chosen(visitor))["record"])
    text = await running.ground.pool.fetchval(INSPECTION["read_everything"], record)
    assert str(visitor) not in text


BAD_FIELDS: tuple[dict[str, Any], ...] = (
    {"analytical": "yes"},
    {"marketing": 1},
    {"visitor": "somebody"},
    {"visitor": str(UUID(int=0))},
    {"necessary": False},
    {"source": "dream"},
    {"notice_version": "a\u0000b"},
    {"notice_version": "\u202eb"},
    {"language": "Dutch"},
    {"extra": 1},
)


async def test_bad_field_is_named_and_nothing_is_kept(running: Running) -> None:
    """A problem names the field, and the log stays empty."""
    bodies = [CHOICE | {"visitor": str(uuid4())} | changes for changes in BAD_FIELDS]
    pointers = await running.refused_fields("/api/choices", bodies)
    assert pointers == [[f"/{name}" for name in changes] for changes in BAD_FIELDS]


async def test_bad_moment_is_named(running: Running) -> None:
    """A moment needs its offset and must exist."""
    moments = ("yesterday", "2026-01-01", "1", "0001-01-01T00:00:00+14:00")
    path = f"/api/choices/{uuid4()}"
    answers = [await running.http.get(path, params={"at": moment}) for moment in moments]
    pointers = [one.json()["errors"][0]["pointer"] for one in answers]
    assert pointers == ["/query/at"] * len(moments)


@pytest.mark.policy("6.erasure")
async def test_erased_visitor_is_forgotten_and_may_begin_again(running: Running) -> None:
    """After the erasure the visitor is unknown; a new choice begins a new record."""
    visitor = uuid4()
    first = UUID((await running.chosen(visitor))["record"])
    await running.erase(first)
    gone = await running.http.get(f"/api/choices/{visitor}")
    again = UUID((await running.chosen(visitor))["record"])
    assert (gone.status_code, again == first) == (404, False)


async def test_keyring_away_means_try_again(running: Running) -> None:
    """When the keyring does not answer, nobody is called unknown and nothing is kept."""
    await running.pools.keyring.close()
    answer = await running.post("/api/choices", CHOICE | {"visitor": str(uuid4())})
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
