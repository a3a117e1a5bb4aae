"""Nothing is open by default, and a link's token is not a caller's."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from libs.doors.links import Links
from tests.unit.libs.doors.conftest import NOW, SECRET, IssueToken, thing

KEY = {"Idempotency-Key": "0123456789"}


def bearer(token: str) -> dict[str, str]:
    """The headers of a write by whoever has this token."""
    return {**KEY, "Authorization": f"Bearer {token}"}


async def test_call_without_token_is_401_and_says_what_is_wanted(client: httpx.AsyncClient) -> None:
    """A door for staff asks for a token."""
    answer = await client.post("/api/things/1", json=thing(), headers=KEY)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["type"] == "/problems/not-signed-in"


@pytest.mark.parametrize("roles", [("auditor",), ("operator",), ("auditor", "operator")])
async def test_call_in_the_wrong_role_is_403(
    client: httpx.AsyncClient, token_for: IssueToken, roles: tuple[str, ...]
) -> None:
    """A good token of another role opens nothing."""
    answer = await client.post("/api/things/1", json=thing(), headers=bearer(token_for(*roles)))
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/role-missing")


async def test_call_in_the_right_role_is_let_in(
    client: httpx.AsyncClient, token_for: IssueToken
) -> None:
    """One of the roles is enough."""
    headers = bearer(token_for("auditor", "staff"))
    answer = await client.post("/api/things/1", json=thing(), headers=headers)
    assert (answer.status_code, answer.json()["by"]) == (201, "ans")


async def test_call_with_a_token_that_is_over_is_401(
    client: httpx.AsyncClient, token_for: IssueToken
) -> None:
    """Time is the stack's clock, not the machine's."""
    headers = bearer(token_for("staff", now=NOW - timedelta(hours=2)))
    answer = await client.post("/api/things/1", json=thing(), headers=headers)
    assert answer.status_code == 401


async def test_optional_caller_tells_a_link_from_a_caller(
    client: httpx.AsyncClient, token_for: IssueToken
) -> None:
    """A bearer token is a caller's or a link's, never both; a forged caller is not let through."""
    link = Links(SECRET).sign("status", UUID(int=7), expires_at=NOW)
    by_caller = await client.get("/api/things/mine", headers=bearer(token_for("staff")))
    by_link = await client.get("/api/things/mine", headers=bearer(link))
    by_query = await client.get("/api/things/mine", params={"token": link})
    by_nobody = await client.get("/api/things/mine")
    forged = await client.get("/api/things/mine", headers=bearer(token_for("staff")[:-4] + "AAAA"))
    assert by_caller.json() == {"caller": "ans", "link": None}
    assert by_link.json() == by_query.json() == {"caller": None, "link": link}
    assert by_nobody.json() == {"caller": None, "link": None}
    assert forged.status_code == 401
