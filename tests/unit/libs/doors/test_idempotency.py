"""A write has a key, and what is kept of key and body cannot be read back."""

from typing import Any

import httpx
import pytest

from libs.doors.earlier import EarlierAnswers
from libs.doors.idempotency import Asked
from libs.doors.refusals import KeyReused
from tests.unit.libs.doors.conftest import NOW, IssueToken, thing

SCOPE, KEY_HASH, FINGERPRINT = "POST /api/things", b"k" * 32, b"f" * 32


class OneAnswer:
    """A pool that knows one earlier answer, and counts how often it is asked."""

    def __init__(self) -> None:
        """Not asked yet."""
        self.asked = 0

    async def fetch(self, _: str, scopes: list[str], hashes: list[bytes]) -> list[dict[str, Any]]:
        """The answers kept under these keys."""
        self.asked += 1
        kept = {"fingerprint": FINGERPRINT, "status": 201, "body": '{"id":1}'}
        place = {"scope": SCOPE, "key_hash": KEY_HASH}
        return [place | kept] if (SCOPE, KEY_HASH) in zip(scopes, hashes, strict=True) else []


def asked(
    key_hash: bytes = KEY_HASH, fingerprint: bytes = FINGERPRINT, pool: OneAnswer | None = None
) -> Asked:
    """A write, as it was asked of a service that has one earlier answer."""
    known: Any = pool or OneAnswer()
    return Asked(SCOPE, key_hash, fingerprint, EarlierAnswers(known))


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
    answer = await asked().earlier()
    assert answer is not None
    assert (answer.status_code, answer.body) == (201, b'{"id":1}')
    assert answer.headers["idempotency-replayed"] == "true"


async def test_earlier_answer_is_refused_to_another_request() -> None:
    """The same key with another body is a mistake of the caller."""
    with pytest.raises(KeyReused):
        await asked(fingerprint=b"g" * 32).earlier()


async def test_new_key_has_no_earlier_answer() -> None:
    """A key nobody used before is not answered."""
    assert await asked(b"l" * 32).earlier() is None


def test_answer_to_keep_carries_the_key_as_hashes() -> None:
    """What is kept is what the log writes beside the facts."""
    answer = asked().answer(201, {"id": 1}, at=NOW)
    assert (answer.scope, answer.status, answer.body) == (SCOPE, 201, '{"id":1}')
    assert (answer.key_hash, answer.fingerprint) == (KEY_HASH, FINGERPRINT)
