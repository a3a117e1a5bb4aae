"""A body is JSON and of bounded size, whether or not it says how long it is."""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.doors.body import BODY_BYTES_MAX
from tests.unit.libs.doors.conftest import IssueToken, thing


@pytest.fixture
def headers(token_for: IssueToken) -> dict[str, str]:
    """A write that may be done, in JSON."""
    return {
        "Authorization": f"Bearer {token_for('staff')}",
        "Idempotency-Key": "0123456789",
        "Content-Type": "application/json",
    }


async def _pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * 1024


@pytest.mark.parametrize("path", ["/api/things/1", "/nowhere"])
async def test_body_that_says_it_is_too_large_is_413_at_every_door(
    client: httpx.AsyncClient, headers: dict[str, str], path: str
) -> None:
    """The header alone is enough to turn it away."""
    answer = await client.post(path, content=b" " * (BODY_BYTES_MAX + 1), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")


async def test_body_of_unknown_length_is_counted(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """A stream that goes on too long is cut off with the same problem."""
    answer = await client.post("/api/things/1", content=_pieces(300), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")


async def test_body_at_the_limit_is_read(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """One byte decides: at the limit it is read, and only then judged."""
    request = httpx.Request("POST", "http://x", json=thing()).content
    padded = request + b" " * (BODY_BYTES_MAX - len(request))
    assert (await client.post("/api/things/1", content=padded, headers=headers)).status_code == 201


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
        ("application/json; charset=utf-8", 201),
        ("application/merge-patch+json", 201),
    ],
)
async def test_body_is_json(
    client: httpx.AsyncClient, headers: dict[str, str], content_type: str, status: int
) -> None:
    """Forms and plain text, which a browser sends without asking, are refused."""
    content = httpx.Request("POST", "http://x", json=thing()).content
    changed = {**headers, "Content-Type": content_type}
    answer = await client.post("/api/things/1", content=content, headers=changed)
    assert answer.status_code == status


async def test_length_that_is_no_number_is_400(client: httpx.AsyncClient) -> None:
    """A malformed length is not guessed at."""
    answer = await client.get("/api/things", headers={"Content-Length": "-1"})
    assert answer.status_code == 400
