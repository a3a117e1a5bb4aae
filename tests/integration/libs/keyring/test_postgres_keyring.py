"""The keyring in Postgres keeps every rule, also when it is away or tampered with."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from libs.events.queries import load_queries
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import FileEpochKeys, create_epoch_key, list_epochs
from libs.keyring.keys import DataKey, fingerprint
from libs.keyring.openings import (
    KeyringRefused,
    KeyringUnavailable,
    RecordErased,
    Shredded,
    WrappedKeyRejected,
)
from libs.keyring.postgres_keyring import QUERIES as KEYRING
from libs.keyring.postgres_keyring import PostgresKeyring
from libs.keyring.testing.conformance import (
    AT,
    LATER,
    KeyringConformance,
    Roles,
    make_quote,
    new_id,
    new_index,
)
from libs.keyring.testing.destroying_many import DestroyingManyConformance
from libs.keyring.testing.memory_rights import RIGHTS
from libs.keyring.testing.taking_back import TakingBackConformance
from tests.integration.costs.counting import count
from tests.integration.libs.keyring.instances import SERVICES, Instances

QUERIES = load_queries(Path(__file__).parent / "inspection.sql")


@pytest.fixture
def roles(instances: Instances) -> Roles:
    """The real keyring as each role sees it, remembering nothing between two questions."""
    return instances.another


class TestPostgresKeyring(KeyringConformance):
    """Every rule of a keyring, on the real one; each question goes to the database."""


class TestDestroyingMany(DestroyingManyConformance):
    """Every rule of records that go together, on the real keyring."""


class TestTakingBack(TakingBackConformance):
    """Every rule of provisional holds, on the real keyring."""


async def test_provisional_holds_are_found_by_their_index(instances: Instances) -> None:
    """The question reads what is provisional, and not every hold there ever was."""
    plan = await instances.pools["superuser"].fetch(QUERIES["explain_provisional"])
    text = "\n".join(row[0] for row in plan)
    assert ("hold_provisional" in text, "Sort" in text) == (True, False)


async def test_no_role_reads_the_tables(instances: Instances) -> None:
    """Keys go out by the functions only, to nobody by the tables."""
    for role in (*SERVICES, "operator"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await instances.pools[role].fetch(QUERIES["read_tables_directly"])


async def test_operator_sees_what_exists_and_no_key(instances: Instances) -> None:
    """An operator may see that a key exists and since when, and cannot open it."""
    record = await make_quote(instances)
    seen = await instances.pools["operator"].fetch(QUERIES["list_keys"], record)
    assert [(row["category"], row["epoch"], row["made_at"]) for row in seen] == [("quote", 1, AT)]
    with pytest.raises(KeyringRefused):
        await instances("operator").open_keys([(record, "quote")])


async def test_rights_are_those_of_the_memory_keyring(instances: Instances) -> None:
    """The two keyrings have one table of rights."""
    written = {}
    for row in await instances.pools["superuser"].fetch(QUERIES["list_rights"]):
        rights = {name[4:].replace("_", " ") for name, value in row.items() if value is True}
        written[row["role"], row["category"]] = frozenset(rights)
    assert written == RIGHTS


async def test_destroyed_key_leaves_a_fence_and_no_row(instances: Instances) -> None:
    """The fence names the erasure and the epoch, and knows the key again in an old copy."""
    record, erasure = new_id(), new_id()
    made = await instances("quotes").make_keys(
        record, kind="quote", categories=["quote"], subject=None, at=AT
    )
    await instances("retention").destroy(record, erasure=erasure, at=LATER)
    inspect = instances.pools["superuser"]
    assert await inspect.fetchval(QUERIES["count_keys"], record) == 0
    fence = await inspect.fetchrow(QUERIES["find_fence"], record, "quote")
    assert tuple(fence) == (erasure, [1], [fingerprint(made["quote"])], None)


async def test_blind_index_is_gone_with_the_last_record(instances: Instances) -> None:
    """P32: the keyed hash of the address is stored while a record needs it, and no longer."""
    subject = new_index()
    records = [await make_quote(instances, subject=subject) for _ in range(2)]
    counts = []
    for record in records:
        await instances("retention").destroy(record, erasure=new_id(), at=LATER)
        counts.append(
            await instances.pools["superuser"].fetchval(QUERIES["count_subjects"], subject)
        )
    assert counts == [1, 0]


async def test_refused_request_leaves_no_subject(instances: Instances) -> None:
    """P32: a request for an erased record does not bring the address back."""
    subject, record = new_index(), await make_quote(instances)
    await instances("retention").destroy(record, erasure=new_id(), at=LATER)
    with pytest.raises(RecordErased):
        await instances("quotes").make_keys(
            record, kind="quote", categories=["quote"], subject=subject, at=LATER
        )
    assert await instances.pools["superuser"].fetchval(QUERIES["count_subjects"], subject) == 0


async def test_wrapped_key_moved_to_another_row_does_not_open(instances: Instances) -> None:
    """P34: a wrapped key is bound to its record, category, revision and epoch."""
    record, other = await make_quote(instances), await make_quote(instances)
    await instances.pools["superuser"].execute(QUERIES["swap_wrapped"], record, other)
    with pytest.raises(WrappedKeyRejected, match=str(record)):
        await instances.another("quotes").open_keys([(record, "quote")])


async def test_openings_at_once_are_one_question(instances: Instances) -> None:
    """Who asks for keys at the same moment shares a round trip, and each gets its own."""
    records = [await make_quote(instances) for _ in range(8)]
    reader = instances.another("quotes")
    costs = await count([instances.pools["quotes"]], KEYRING)
    opened = await asyncio.gather(*(reader.open_keys([(one, "quote")]) for one in records))
    assert [[*one] for one in opened] == [[(one, "quote")] for one in records]
    assert await costs.ours() == ["open_keys"]


async def test_rejected_key_fails_no_other_opening(instances: Instances) -> None:
    """Who asks at the same moment for a key that opens gets it."""
    record, other, sound = [await make_quote(instances) for _ in range(3)]
    await instances.pools["superuser"].execute(QUERIES["swap_wrapped"], record, other)
    reader = instances.another("quotes")
    asked = (reader.open_keys([(one, "quote")]) for one in (record, sound))
    rejected, opened = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(rejected, WrappedKeyRejected)
    assert not isinstance(opened, BaseException)
    assert [*opened] == [(sound, "quote")]


async def test_revoked_key_is_shredded_at_once(instances: Instances) -> None:
    """P27: another instance that has the key in memory forgets it when the broadcast comes."""
    record, place = await make_quote(instances), "quote"
    other = instances.another("quotes")
    await other.open_keys([(record, place)])
    await instances("retention").destroy(record, erasure=new_id(), at=LATER)
    other.revoke(record)
    assert await other.open_keys([(record, place)]) == {(record, place): Shredded(place, LATER)}


async def test_key_is_shredded_after_the_ceiling_without_broadcast(instances: Instances) -> None:
    """P27: when the broadcast is lost the key is readable for a minute at most."""
    record, place = await make_quote(instances), "quote"
    other = instances.another("quotes")
    await other.open_keys([(record, place)])
    await instances("retention").destroy(record, erasure=new_id(), at=LATER)
    instances.seconds += 59.9
    stale = await other.open_keys([(record, place)])
    instances.seconds += 0.1
    fresh = await other.open_keys([(record, place)])
    assert isinstance(stale[record, place], DataKey)
    assert fresh == {(record, place): Shredded(place, LATER)}


async def test_bad_request_does_not_fail_its_neighbours(instances: Instances) -> None:
    """Requests share a commit; each has its own outcome."""
    erased, good, odd = await make_quote(instances), new_id(), new_id()
    await instances("retention").destroy(erased, erasure=new_id(), at=LATER)
    quotes = instances("quotes")
    wishes = [(good, "quote", new_index()), (erased, "quote", None), (odd, "quote", b"too short")]
    wishes.append((new_id(), "consent", None))
    results = await asyncio.gather(
        *(
            quotes.make_keys(record, kind="quote", categories=[name], subject=subject, at=LATER)
            for record, name, subject in wishes
        ),
        return_exceptions=True,
    )
    kinds = [type(result) for result in results]
    assert kinds == [dict, RecordErased, KeyringRefused, KeyringRefused]


async def test_new_epoch_is_taken_up_without_asking(
    instances: Instances,
) -> None:
    """A new epoch opens under way: new keys are wrapped under it, old ones still open."""
    before = await make_quote(instances)
    epoch = list_epochs(instances.epoch_folder)[-1] + 1
    create_epoch_key(instances.epoch_folder, epoch)
    await instances.pools["superuser"].execute(QUERIES["open_next_epoch"])
    after = await make_quote(instances)
    seen = await instances.pools["operator"].fetchval(QUERIES["list_keys"], after, column=3)
    opened = await instances.another("quotes").open_keys([(before, "quote"), (after, "quote")])
    assert seen == epoch
    assert all(isinstance(key, DataKey) for key in opened.values())


async def test_missing_epoch_key_is_unavailable(instances: Instances, tmp_path: Path) -> None:
    """P30: keys folder not mounted: stop and retry, nothing is called erased."""
    record = await make_quote(instances)
    unmounted = PostgresKeyring(
        instances.pools["quotes"], FileEpochKeys(tmp_path / "unmounted"), KeyCache(lambda: 0.0)
    )
    with pytest.raises(KeyringUnavailable):
        await unmounted.open_keys([(record, "quote")])


async def test_database_away_is_unavailable(instances: Instances) -> None:
    """P30: while the key store is away nothing is shredded; afterwards everything is as it was."""
    record = await make_quote(instances)
    reader, name = instances.another("quotes"), instances.database.name
    outside = await asyncpg.connect(instances.database.stack.database_url("superuser", "postgres"))
    await outside.execute(QUERIES["close_database"], name)
    await outside.execute(QUERIES["cut_connections"], name)
    for attempt in (reader.open_keys([(record, "quote")]), make_quote(instances)):
        with pytest.raises(KeyringUnavailable):
            await attempt
    await outside.execute(QUERIES["open_database"], name)
    await outside.close()
    opened = await reader.open_keys([(record, "quote")])
    assert isinstance(opened[record, "quote"], DataKey)
