"""A service on a restored state opens nothing before the erasure journal was replayed."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import FileEpochKeys
from libs.keyring.gate import replay_journal
from libs.keyring.journal import FILE_NAME, Erased, Journal
from libs.keyring.journal_mark import PostgresJournalMark
from libs.keyring.postgres_keyring import PostgresKeyring
from libs.keyring.testing.conformance import new_id
from tests.integration.libs.runtime.conftest import RunningProcess, Start

AT = datetime(2026, 3, 1, tzinfo=UTC)
Pools = Callable[[str], asyncpg.Pool]


@pytest.fixture
def keyring(database: Callable[[str], FreshDatabase]) -> FreshDatabase:
    """A keyring's database that nobody else uses."""
    return database("keyring")


@pytest.fixture
async def retention(keyring: FreshDatabase) -> AsyncIterator[PostgresJournalMark]:
    """The journal's mark, as retention may move it."""
    async with asyncpg.create_pool(keyring.url("retention"), min_size=0) as pool:
        yield PostgresJournalMark(pool)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The journal of a home of its own."""
    return tmp_path / FILE_NAME


@pytest.fixture
def begin(start: Start, keyring: FreshDatabase, tmp_path: Path) -> Start:
    """Starts the small service on that keyring and that home."""
    places = {"FLUX3D_QUOTES_KEYRING_URL": keyring.url("quotes"), "FLUX3D_HOME": str(tmp_path)}
    return lambda **changed: start(**{**places, **changed})


async def living_record(stack: Stack, keyring: FreshDatabase) -> UUID:
    """A record whose quote key is there."""
    record = new_id()
    async with asyncpg.create_pool(keyring.url("quotes"), min_size=0) as pool:
        quotes = PostgresKeyring(pool, FileEpochKeys(stack.keys), KeyCache(lambda: 0.0))
        await quotes.make_keys(record, kind="quote", categories=["quote"], subject=None, at=AT)
    return record


def note(journal: Path, record: UUID) -> None:
    """Let the journal say that the quote key of the record was destroyed."""
    fact = Erased(
        event=new_id(),
        erasure=new_id(),
        record=record,
        categories=("quote",),
        unreadable_since=AT,
    )
    Journal(journal).append(fact, written_at=AT)


def cut(journal: Path) -> bytes:
    """Leave the first line of the journal only; gives what it was."""
    whole = journal.read_bytes()
    journal.write_bytes(whole.splitlines(keepends=True)[0])
    return whole


def put_back(journal: Path, whole: bytes) -> None:
    """Bring the whole journal back."""
    journal.write_bytes(whole)


async def waits(service: RunningProcess, *, because: str) -> None:
    """It lives, says why it is not open, and answers at no other door."""
    line = await service.until("waiting")
    assert (line["waiting_for"], because in line["reason"]) == ("gate", True)
    ready = await service.http.get("/readyz")
    assert because in ready.json()["waiting_for"]["gate"]
    shut = [await service.http.get(path) for path in ("/api/small", "/ops/status", "/none")]
    assert {(one.status_code, one.json()["type"]) for one in shut} == {(503, "/problems/not-open")}
    assert (await service.http.get("/livez")).status_code == 200


@pytest.mark.parametrize("role", ["all", "http", "bus"])
async def test_restored_state_opens_after_the_replay_and_not_before(
    begin: Start, stack: Stack, keyring: FreshDatabase, journal: Path, role: str
) -> None:
    """P28: the keyring of a backup keeps every role of the service shut until it was mended."""
    note(journal, await living_record(stack, keyring))
    service = await begin(FLUX3D_ROLE=role)
    await waits(service, because="flux3d journal replay")
    async with asyncpg.create_pool(keyring.url("retention"), min_size=0) as pool:
        assert await replay_journal(PostgresJournalMark(pool), journal) == 1
    await service.until("service_ready")
    assert (await service.http.get("/readyz")).status_code == 200


async def test_journal_that_was_cut_keeps_the_service_shut(
    begin: Start, retention: PostgresJournalMark, journal: Path
) -> None:
    """A journal that ends before the keyring's mark would forget erasures."""
    for _ in range(2):
        note(journal, new_id())
    await replay_journal(retention, journal)
    whole = cut(journal)
    service = await begin()
    await waits(service, because="newest copy of journal/erasures.jsonl")
    put_back(journal, whole)
    await service.until("service_ready")


async def test_state_restored_under_a_running_service_ends_it(
    begin: Start, stack: Stack, keyring: FreshDatabase, journal: Path
) -> None:
    """Who opened yesterday looks again: it ends, and waits before the gate when it is back."""
    service = await begin()
    await service.until("service_ready")
    note(journal, await living_record(stack, keyring))
    line = await service.until("part_failed")
    assert (line["part"], line["kind"]) == ("gate", "KeyringBehind")
    assert await service.ended() == 1


async def test_line_noted_by_a_living_service_keeps_nobody_out(
    begin: Start, retention: PostgresJournalMark, journal: Path
) -> None:
    """The ordinary course: what was journaled is fenced, and the next start sees it."""
    note(journal, new_id())
    await replay_journal(retention, journal)
    service = await begin()
    await service.until("service_ready")
