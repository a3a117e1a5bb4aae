"""A real keyring: a fresh database of the shared stack, and every role's way in."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from deploy.native.testing import FreshDatabase
from libs.keyring.epoch_keys import create_epoch_key
from tests.integration.libs.keyring.instances import ROLES, Instances


@pytest.fixture
async def instances(
    database: Callable[[str], FreshDatabase], tmp_path: Path
) -> AsyncIterator[Instances]:
    """Every role's keyring over a database of its own, with a first epoch."""
    create_epoch_key(tmp_path, 1)
    them = Instances(database("keyring"), tmp_path)
    async with them.open_pools:
        for role in ROLES:
            await them.connect(role)
        yield them
