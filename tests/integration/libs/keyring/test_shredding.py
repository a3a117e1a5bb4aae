"""Shred rounds on a real keyring: what was destroyed is gone for good, what lives is readable."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from libs.events.queries import load_queries
from libs.keyring.backup import BackupFailed
from libs.keyring.epoch_keys import list_epochs
from libs.keyring.keys import DataKey
from libs.keyring.openings import KeyringRefused, WrappedKeyRejected
from libs.keyring.rounds import PostgresRounds, RoundUnderWay, Step
from libs.keyring.testing.conformance import AT, make_quote, new_id
from tests.integration.libs.keyring.instances import Instances
from tests.integration.libs.keyring.shredding import Faults, Killed, Shreds, broken_programs

QUERIES = load_queries(Path(__file__).parent / "inspection.sql")
PATIENCE_SECONDS = 10


@pytest.fixture
def shreds(instances: Instances, tmp_path: Path) -> Shreds:
    """Rounds over a fresh keyring with one epoch."""
    return Shreds(instances, tmp_path / "backups")


async def opened(instances: Instances, records: list[UUID]) -> set[UUID]:
    """Which of the records a service with nothing in memory can read."""
    found = await instances.another("quotes").open_keys([(one, "quote") for one in records])
    return {record for (record, _), key in found.items() if isinstance(key, DataKey)}


async def unrecoverable(instances: Instances) -> set[UUID]:
    """The erasures whose fences all say that they are unrecoverable."""
    rows = await instances.pools["superuser"].fetch(QUERIES["list_unrecoverable"])
    return {row["erasure"] for row in rows}


async def test_round_ends_the_old_epoch_and_keeps_the_living(shreds: Shreds) -> None:
    """After a round one epoch is left, every living key opens, and the erasure was told of."""
    erasure, living = await shreds.one_goes_of(6)
    one = await shreds.shredder().run()
    assert one is not None
    assert (one.state, one.keys_to_rewrap, one.keys_rewrapped) == (Step.TOLD, 5, 5)
    assert list_epochs(shreds.instances.epoch_folder) == [2]
    assert await opened(shreds.instances, living) == set(living)
    assert [(one.epoch, one.erasures) for one in shreds.told] == [(1, (erasure,))]
    assert shreds.told[0].since == one.destroyed_at == shreds.clock.now()


async def test_nothing_destroyed_needs_no_round(shreds: Shreds) -> None:
    """Without a destroyed key no epoch ends; a second round finds nothing to do either."""
    await make_quote(shreds.instances)
    assert await shreds.shredder().run() is None
    await shreds.one_goes_of(2)
    assert await shreds.shredder().run() is not None
    assert await shreds.shredder().run() is None


async def test_service_that_knew_the_old_epoch_goes_on(shreds: Shreds) -> None:
    """A service makes and reads keys across a round without being started again."""
    _, living = await shreds.one_goes_of(2)
    await shreds.shredder().run()
    new = await make_quote(shreds.instances)  # the instance that made keys under epoch 1
    assert await opened(shreds.instances, [new, *living]) == {new, *living}


async def test_services_notice_nothing_of_a_round(shreds: Shreds) -> None:
    """Requests made all through three rounds are answered, and their keys open afterwards."""
    made: list[UUID] = []
    going_on = True

    async def keep_asking() -> None:
        while going_on:
            record = await make_quote(shreds.instances)
            assert await opened(shreds.instances, [record]) == {record}
            made.append(record)

    askers = [asyncio.ensure_future(keep_asking()) for _ in range(4)]
    for _ in range(3):
        await shreds.one_goes_of(2)
        await shreds.shredder(batch_keys=20).run()
    going_on = False
    await asyncio.gather(*askers)
    assert await opened(shreds.instances, made) == set(made)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_round_killed_anywhere_is_taken_up(shreds: Shreds, when: str) -> None:
    """F: killed before or after any of its calls, a round is finished by the next one."""
    counting = Faults()
    await shreds.one_goes_of(4)
    await shreds.shredder(counting).run()
    calls, killed = counting.calls, 0
    living: list[UUID] = []
    for call in range(1, calls + 1):
        erasure, more = await shreds.one_goes_of(3)
        living = [*living, *more][-4:]
        with pytest.raises(Killed):
            await shreds.shredder(Faults(call, "before" if when == "before" else "after")).run()
        killed += 1
        await shreds.shredder().run()
        assert len(list_epochs(shreds.instances.epoch_folder)) == 1
        assert erasure in await unrecoverable(shreds.instances)
        assert erasure in {done for one in shreds.told for done in one.erasures}
        assert await opened(shreds.instances, living) == set(living)
    print(f"killed {when} each of {calls} calls: {killed} rounds were taken up")  # noqa: T201 - the figure of a sweep is said
    assert killed == calls > 20


async def test_key_destroyed_during_a_round_waits_for_the_next(shreds: Shreds) -> None:
    """Its bytes may be wrapped under the new epoch already, so the old one's end is not enough."""
    first, living = await shreds.one_goes_of(4)
    with pytest.raises(Killed):  # the epoch is open, one batch is wrapped anew
        await shreds.shredder(Faults("rewrap", "after")).run()
    late = await shreds.destroy(living[0])
    fence = await shreds.instances.pools["superuser"].fetchrow(
        QUERIES["find_fence"], living[0], "quote"
    )
    assert fence["epochs"] == [1, 2]
    await shreds.shredder().run()
    assert await unrecoverable(shreds.instances) == {first}
    await shreds.shredder().run()
    assert await unrecoverable(shreds.instances) == {first, late}


async def test_destruction_waits_for_a_batch_that_has_the_record(shreds: Shreds) -> None:
    """A key is destroyed before it is wrapped anew or after, and its fence says so."""
    instances = shreds.instances
    _, living = await shreds.one_goes_of(3)
    async with instances.pools["superuser"].acquire() as connection, connection.transaction():
        await connection.fetch(QUERIES["lock_record"], living[0])
        round_ = asyncio.ensure_future(shreds.shredder().run())
        await _wait_for_waiting(instances, 1)
        late = asyncio.ensure_future(shreds.destroy(living[0]))
        await _wait_for_waiting(instances, 2)
    await asyncio.gather(round_, late)
    fence = await instances.pools["superuser"].fetchrow(QUERIES["find_fence"], living[0], "quote")
    assert (fence["epochs"], fence["unrecoverable_since"]) == ([1, 2], None)
    assert await opened(instances, living) == {living[1]}


async def _wait_for_waiting(instances: Instances, count: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await instances.pools["superuser"].fetchval(QUERIES["count_waiting"]) < count:
            continue


async def test_key_that_does_not_open_stops_the_round(shreds: Shreds) -> None:
    """A damaged key would be lost with its epoch: nothing ends before it is mended."""
    _, living = await shreds.one_goes_of(3)
    superuser = shreds.instances.pools["superuser"]
    await superuser.execute(QUERIES["swap_wrapped"], living[0], living[1])
    with pytest.raises(WrappedKeyRejected):
        await shreds.shredder().run()
    assert list_epochs(shreds.instances.epoch_folder) == [1, 2]
    assert await unrecoverable(shreds.instances) == set()


async def test_bad_backup_stops_the_round(shreds: Shreds, tmp_path: Path) -> None:
    """While the newest copy is not the keyring, the older ones must stay worth something."""
    erasure, _ = await shreds.one_goes_of(2)
    broken = shreds.backup(broken_programs(tmp_path / "bin"))
    shredder = shreds.shredder()
    with pytest.raises(BackupFailed, match="differs from the keyring in data_key"):
        await type(shredder)(**{**vars(shredder), "backup": broken}).run()
    assert list_epochs(shreds.instances.epoch_folder) == [1, 2]
    assert list(shreds.backups.iterdir()) == []
    await shreds.shredder().run()
    assert await unrecoverable(shreds.instances) == {erasure}


async def test_backup_folder_holds_the_newest_copy_only(shreds: Shreds) -> None:
    """An older copy opens with no living key and still says whose a record was: it goes."""
    for _ in range(2):
        await shreds.one_goes_of(2)
        await shreds.shredder().run()
    assert [one.name for one in shreds.backups.iterdir()] == ["epoch-0003.dump"]


async def test_two_processes_do_not_run_one_round(shreds: Shreds) -> None:
    """Who comes second is told so, and nothing is done twice."""
    await shreds.one_goes_of(2)
    async with PostgresRounds(shreds.instances.pools["retention"]).alone():
        with pytest.raises(RoundUnderWay):
            await shreds.shredder().run()
    assert await shreds.shredder().run() is not None


@pytest.mark.parametrize("role", ["quotes", "consent", "billing", "operator"])
async def test_only_retention_runs_a_round(shreds: Shreds, role: str) -> None:
    """Nobody else may take the wrapped keys out or end an epoch."""
    rounds = PostgresRounds(shreds.instances.pools[role])
    with pytest.raises(KeyringRefused):
        await rounds.begin(new_id(), AT)
    with pytest.raises(KeyringRefused):
        await rounds.list_keys(new_id(), 10)
