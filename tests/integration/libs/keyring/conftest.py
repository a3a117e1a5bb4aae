"""A real keyring: a cluster for the run, and every role's way in."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from libs.keyring.epoch_keys import create_epoch_key
from tests.integration.libs.keyring.cluster import LOGINS, Cluster
from tests.integration.libs.keyring.instances import Instances


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A cluster for the whole run."""
    folder = Path(tempfile.mkdtemp(prefix="flux3d-keyring-"))
    one = Cluster(folder)
    one.prepare()
    yield one
    one.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def epoch_folder() -> Iterator[Path]:
    """The keys folder that belongs to the cluster."""
    with tempfile.TemporaryDirectory() as name:
        create_epoch_key(Path(name), 1)
        yield Path(name)


@pytest.fixture
async def instances(cluster: Cluster, epoch_folder: Path) -> AsyncIterator[Instances]:
    """Every role's keyring over the real database."""
    them = Instances(cluster, epoch_folder)
    async with them.open_pools:
        for role in (*LOGINS, "flux3d_owner", "superuser"):
            await them.connect(role)
        yield them
