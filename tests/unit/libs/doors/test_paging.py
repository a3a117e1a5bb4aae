"""Pages go onward from a signed cursor that belongs to its list."""

import httpx
import pytest

from libs.doors.paging import Cursors
from libs.doors.refusals import CursorRefused

CURSORS = Cursors(b"s" * 32)


def test_cursor_comes_back_as_it_went() -> None:
    """Ids and moments come back as text, figures as figures."""
    assert CURSORS.read("list", CURSORS.sign("list", ["2026-01-01", 7, None])) == (
        "2026-01-01",
        7,
        None,
    )


@pytest.mark.parametrize("wrong", ["", "x", "é", "AAAA", "A" * 64])
def test_cursor_that_was_not_made_here_is_refused(wrong: str) -> None:
    """A cursor is not to be guessed."""
    with pytest.raises(CursorRefused):
        CURSORS.read("list", wrong)


def test_cursor_of_another_list_or_secret_is_refused() -> None:
    """A cursor never leads out of its own list."""
    cursor = CURSORS.sign("list", [7])
    with pytest.raises(CursorRefused):
        CURSORS.read("other", cursor)
    with pytest.raises(CursorRefused):
        Cursors(b"t" * 32).read("list", cursor)


async def test_page_leads_to_the_next_with_the_same_filters(client: httpx.AsyncClient) -> None:
    """The Link header is the whole address of the next page; tokens do not ride along."""
    query = {"limit": "2", "state": "open", "token": "x"}
    first = await client.get("/api/things", params=query)
    link = first.headers["link"]
    assert first.json()["items"] == [{"at": None}]
    assert link.endswith('; rel="next"')
    assert "token" not in link
    second = await client.get(link[1:].partition(">")[0])
    assert second.json()["items"] == [{"at": ["2026-01-01", 7]}]


async def test_page_refuses_a_cursor_of_other_filters(client: httpx.AsyncClient) -> None:
    """Changing a filter means beginning again."""
    first = await client.get("/api/things", params={"state": "open"})
    changed = {"state": "held", "cursor": first.json()["next"]}
    answer = await client.get("/api/things", params=changed)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/cursor-refused")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many"])
async def test_page_has_a_bounded_size(client: httpx.AsyncClient, limit: str) -> None:
    """Between 1 and 200 rows a page."""
    answer = await client.get("/api/things", params={"limit": limit})
    assert answer.json()["errors"][0]["pointer"] == "/query/limit"
