"""A write has a key, and what is kept of key and body cannot be read back."""

from typing import Any

import httpx
import pytest

from libs.doors.idempotency import Asked
from libs.doors.refusals import KeyReused
from tests.unit.libs.doors.conftest import NOW, IssueToken, thing

ASKED = Asked(scope="POST /api/things", key_hash=b"k" * 32, fingerprint=b"f" * 32)


class OneAnswer:
    """A pool that knows one earlier answer."""

    async def fetchrow(self, _: str, scope: str, key_hash: bytes) -> dict[str, Any] | None:
        """The answer kept under this key."""
        if (scope, key_hash) != (ASKED.scope, ASKED.key_hash):
            return None
        return {"fingerprint": ASKED.fingerprint, "status": 201, "body": '{"id":1}'}


POOL: Any = OneAnswer()


@pytest.mark.parametrize("key", [None, "", "short", "x" * 129, "with space", "tab\tinside"])
async def test_write_without_a_usable_key_is_400(
    client: httpx.AsyncClient, token_for: IssueToken, key: str | None
) -> None:
    """Every write needs a key of 8 to 128 visible ASCII characters."""
    headers = {"Authorization": f"Bearer {token_for('staff')}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    answer = await client.post("/api/things/1", json=thing(), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/key-missing")


async def test_scope_is_the_door_and_not_the_record(
    client: httpx.AsyncClient, token_for: IssueToken
) -> None:
    """The same key at the same door is the same key, whatever record it names."""
    headers = {"Authorization": f"Bearer {token_for('staff')}", "Idempotency-Key": "0123456789"}
    answer = await client.post("/api/things/1", json=thing(), headers=headers)
    assert answer.json()["scope"] == "POST /api/things/{number}"


async def test_earlier_answer_is_given_again_to_the_same_request() -> None:
    """Status and body are the stored ones, and the answer says so."""
    answer = await ASKED.earlier(POOL)
    assert answer is not None
    assert (answer.status_code, answer.body) == (201, b'{"id":1}')
    assert answer.headers["idempotency-replayed"] == "true"


async def test_earlier_answer_is_refused_to_another_request() -> None:
    """The same key with another body is a mistake of the caller."""
    with pytest.raises(KeyReused):
        await Asked(ASKED.scope, ASKED.key_hash, b"g" * 32).earlier(POOL)


async def test_new_key_has_no_earlier_answer() -> None:
    """A key nobody used before is not answered."""
    assert await Asked(ASKED.scope, b"l" * 32, ASKED.fingerprint).earlier(POOL) is None


def test_answer_to_keep_carries_the_key_as_hashes() -> None:
    """What is kept is what the log writes beside the facts."""
    answer = ASKED.answer(201, {"id": 1}, at=NOW)
    assert (answer.scope, answer.status, answer.body) == (ASKED.scope, 201, '{"id":1}')
    assert (answer.key_hash, answer.fingerprint) == (ASKED.key_hash, ASKED.fingerprint)
