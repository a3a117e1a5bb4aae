"""Byte proof of a shred round: before it a destroyed key opens from raw files, after it never."""

import base64
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.native.postgres_install import cluster_folder
from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase, fresh_database, prepare_templates, running_stack
from libs.events.queries import load_queries
from libs.keyring.epoch_keys import create_epoch_key, path_of
from libs.keyring.keys import DataKey
from libs.keyring.testing.conformance import AT, new_id
from tests.integration.libs.keyring.instances import ROLES, Instances
from tests.integration.libs.keyring.residue import (
    Place,
    backup_bytes,
    cluster_bytes,
    living_secrets,
    opened_anywhere,
)
from tests.integration.libs.keyring.shredding import Faults, Killed, Shreds

QUERIES = load_queries(Path(__file__).parent / "inspection.sql")
EPOCHS = range(1, 5)


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A cluster in which nobody else writes."""
    with running_stack(tmp_path_factory.mktemp("residue")) as stack:
        prepare_templates(stack)
        yield stack


@pytest.fixture
async def shreds(own_stack: Stack, tmp_path: Path) -> AsyncIterator[Shreds]:
    """Rounds over a keyring in a cluster of its own."""
    keys = tmp_path / "keys"
    keys.mkdir()
    create_epoch_key(keys, 1)
    with fresh_database(own_stack, "keyring") as database:
        instances = Instances(database, keys)
        async with AsyncExitStack() as opened:
            await opened.enter_async_context(instances.open_pools)
            for role in ROLES:
                await instances.connect(role)
            yield Shreds(instances, tmp_path / "backups")


@dataclass(frozen=True)
class Remains:
    """All the bytes there are: the cluster's, the newest backup's, and an old one's."""

    pieces: list[bytes]

    def opened(self, place: Place, secrets: dict[int, bytes]) -> set[bytes]:
        """What opens anywhere in them for that place."""
        return opened_anywhere(self.pieces, place, secrets, epochs=EPOCHS)

    def holds(self, secret: bytes) -> list[str]:
        """In which of its forms a data key itself lies there."""
        forms = {
            "raw": secret,
            "hex": secret.hex().encode(),
            "HEX": secret.hex().upper().encode(),
            "base64": base64.b64encode(secret).rstrip(b"=")[:-1],
            "base64url": base64.urlsafe_b64encode(secret).rstrip(b"=")[:-1],
        }
        return [name for name, form in forms.items() if any(form in one for one in self.pieces)]


async def remains(shreds: Shreds, old_backup: Path) -> Remains:
    """Everything as it lies on the disk now."""
    database: FreshDatabase = shreds.instances.database
    await shreds.instances.pools["superuser"].execute(QUERIES["write_everything"])
    backups = [*sorted(shreds.backups.glob("*.dump")), old_backup]
    return Remains([*cluster_bytes(cluster_folder(database.stack)), *backup_bytes(backups)])


async def doomed_key(shreds: Shreds) -> DataKey:
    """A key that will be destroyed."""
    made = await shreds.instances("quotes").make_keys(
        new_id(), kind="quote", categories=["quote"], subject=None, at=AT
    )
    return made["quote"]


async def old_backup_of(shreds: Shreds, folder: Path) -> Path:
    """A backup that somebody took and nobody remembers."""
    taken = await shreds.backup().take(1)
    return Path(shutil.copy(shreds.backups / taken.name, folder / "forgotten.dump"))


@pytest.mark.timeout(120)
@pytest.mark.policy("5.1.backups")
async def test_destroyed_key_opens_from_nothing_after_a_round(
    shreds: Shreds, tmp_path: Path
) -> None:
    """From heap, WAL, new and old backup; the old epoch's key would still open it, and is gone."""
    key = await doomed_key(shreds)
    place = Place(key.record)
    forgotten = await old_backup_of(shreds, tmp_path)
    await shreds.destroy(key.record)
    kept_aside = living_secrets(shreds.instances.epoch_folder)

    before = await remains(shreds, forgotten)
    assert before.opened(place, kept_aside) == {key.secret}, "nothing was found where it must be"

    await shreds.shredder().run()
    after = await remains(shreds, forgotten)
    living = living_secrets(shreds.instances.epoch_folder)
    assert sorted(living) == [2]
    assert after.opened(place, living) == set()
    assert after.opened(place, kept_aside) == {key.secret}, "its wrapped bytes are still there"
    assert after.holds(key.secret) == []
    assert not path_of(shreds.instances.epoch_folder, 1).exists()


@pytest.mark.timeout(120)
async def test_living_key_opens_from_the_files_after_a_round(
    shreds: Shreds, tmp_path: Path
) -> None:
    """The search would find a key that is there: a living one is, under the new epoch."""
    living = await doomed_key(shreds)
    forgotten = await old_backup_of(shreds, tmp_path)
    await shreds.one_goes_of(2)
    await shreds.shredder().run()
    after = await remains(shreds, forgotten)
    secrets = living_secrets(shreds.instances.epoch_folder)
    assert after.opened(Place(living.record), secrets) == {living.secret}


@pytest.mark.timeout(120)
async def test_key_destroyed_in_the_middle_of_a_round_needs_the_next_one(
    shreds: Shreds, tmp_path: Path
) -> None:
    """A batch that was rolled back has left it wrapped under the new epoch as well."""
    key = await doomed_key(shreds)
    forgotten = await old_backup_of(shreds, tmp_path)
    await shreds.one_goes_of(2)
    with pytest.raises(Killed):
        await shreds.shredder(Faults("rewrap", "after")).run()
    await shreds.destroy(key.record)
    await shreds.shredder().run()
    secrets = living_secrets(shreds.instances.epoch_folder)
    assert (await remains(shreds, forgotten)).opened(Place(key.record), secrets) == {key.secret}
    await shreds.shredder().run()
    secrets = living_secrets(shreds.instances.epoch_folder)
    assert (await remains(shreds, forgotten)).opened(Place(key.record), secrets) == set()


@pytest.mark.parametrize("form", ["raw", "hex", "HEX", "base64", "base64url"])
def test_every_form_of_a_key_would_be_seen(form: str) -> None:
    """The search for the key itself finds it in each form it looks for."""
    secret = bytes(range(200, 232))
    forms = {
        "raw": secret,
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
        "base64": base64.b64encode(secret),
        "base64url": base64.urlsafe_b64encode(secret),
    }
    assert form in Remains([b"before" + forms[form] + b"after"]).holds(secret)
