"""The gate on a real keyring: what a restored state brings back is destroyed again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from libs.events.clock import FixedClock
from libs.keyring.gate import KeyringBehind, check_gate, replay_journal
from libs.keyring.journal import Erased, Journal
from libs.keyring.journal_mark import PostgresJournalMark
from libs.keyring.journaling import FileJournaling
from libs.keyring.keys import DataKey
from libs.keyring.openings import HoldRequest, KeyringRefused, RecordErased, Shredded
from libs.keyring.testing.conformance import new_id
from tests.integration.libs.keyring.instances import Instances

AT = datetime(2026, 3, 1, tzinfo=UTC)
LATER = AT + timedelta(days=9)
HOLD = HoldRequest(category="billing", reason="order", basis="AWR art. 52(4)")
PERSON = b"a blind index, 32 bytes in truth"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal lies."""
    return tmp_path / "journal" / "erasures.jsonl"


@pytest.fixture
def mark(instances: Instances) -> PostgresJournalMark:
    """The mark as retention sees it."""
    return PostgresJournalMark(instances.pools["retention"])


def erased(record: UUID, *categories: str) -> Erased:
    """The fact that these keys of the record were destroyed."""
    return Erased(
        event=new_id(),
        erasure=new_id(),
        record=record,
        categories=categories,
        unreadable_since=LATER,
    )


async def accepted_quote(instances: Instances, *, person: bytes | None = None) -> UUID:
    """A record with a quote key and a held billing key."""
    record = new_id()
    await instances("quotes").make_keys(
        record, kind="quote", categories=["quote", "billing"], subject=person, at=AT, hold=HOLD
    )
    return record


async def test_restored_key_is_destroyed_again_though_its_hold_came_back(
    instances: Instances, mark: PostgresJournalMark, path: Path
) -> None:
    """The journal knows that the hold was over; the restored state does not."""
    record = await accepted_quote(instances, person=PERSON)
    Journal(path).append(erased(record, "billing", "quote"), written_at=LATER)
    with pytest.raises(KeyringBehind):
        await check_gate(mark, path)
    assert await replay_journal(mark, path) == 1
    opened = await instances.another("billing").open_keys([(record, "billing")])
    assert opened == {(record, "billing"): Shredded("billing", LATER)}
    assert await instances("retention").records_of(PERSON) == []
    assert (await check_gate(mark, path)) == await mark.read()


async def test_replay_leaves_what_the_journal_does_not_name(
    instances: Instances, mark: PostgresJournalMark, path: Path
) -> None:
    """Another category of the record, held by the law, stays readable; a neighbour too."""
    record, neighbour = await accepted_quote(instances), await accepted_quote(instances)
    Journal(path).append(erased(record, "quote"), written_at=LATER)
    await replay_journal(mark, path)
    wanted = [(record, "billing"), (neighbour, "billing")]
    opened = await instances.another("billing").open_keys(wanted)
    assert all(isinstance(one, DataKey) for one in opened.values())
    assert isinstance(
        (await instances.another("quotes").open_keys([(record, "quote")]))[record, "quote"],
        Shredded,
    )


async def test_record_made_after_the_backup_is_fenced(
    instances: Instances, mark: PostgresJournalMark, path: Path
) -> None:
    """What the restored state never knew may not come into being there again."""
    record = new_id()
    Journal(path).append(erased(record, "quote"), written_at=LATER)
    await replay_journal(mark, path)
    with pytest.raises(RecordErased):
        await instances("quotes").make_keys(
            record, kind="quote", categories=["quote"], subject=None, at=LATER
        )


async def test_replay_can_be_broken_off_and_taken_up(
    instances: Instances, mark: PostgresJournalMark, path: Path
) -> None:
    """Run again after half of it, it does the rest and changes no moment."""
    records = [await accepted_quote(instances) for _ in range(3)]
    journal = Journal(path)
    facts = [erased(record, "billing", "quote") for record in records]
    head = journal.append(facts[0], written_at=LATER)
    await replay_journal(mark, path)
    for fact in facts[1:]:
        head = journal.append(fact, written_at=LATER)
    assert await replay_journal(mark, path) == 2
    assert await mark.read() == head


async def test_destroyed_and_noted_opens_at_once(
    instances: Instances, mark: PostgresJournalMark, path: Path
) -> None:
    """The ordinary way: destroyed here, then journaled, and the mark goes along."""
    record = await accepted_quote(instances)
    fact = erased(record, "quote")
    await instances("retention").destroy(record, erasure=fact.erasure, at=LATER)
    await FileJournaling(Journal(path), mark, FixedClock(LATER)).note(fact)
    assert (await mark.read()).entries == 1
    assert (await check_gate(mark, path)) == await mark.read()


@pytest.mark.parametrize("role", ["quotes", "consent", "billing", "operator"])
async def test_only_retention_moves_the_mark_and_replays(
    instances: Instances, path: Path, role: str
) -> None:
    """Every service can read the mark and none but retention can move it or destroy by it."""
    record = await accepted_quote(instances)
    head = Journal(path).append(erased(record, "quote"), written_at=LATER)
    theirs = PostgresJournalMark(instances.pools[role])
    with pytest.raises(KeyringBehind):
        await check_gate(theirs, path)
    with pytest.raises(KeyringRefused):
        await theirs.move(head)
    with pytest.raises(KeyringRefused):
        await replay_journal(theirs, path)
