"""The keyring in memory keeps the rules of the real one."""

import pytest

from libs.keyring.openings import KeyringUnavailable
from libs.keyring.testing.conformance import KeyringConformance, Roles, make_quote
from libs.keyring.testing.destroying_many import DestroyingManyConformance
from libs.keyring.testing.memory_keyring import MemoryKeyring
from libs.keyring.testing.taking_back import TakingBackConformance


@pytest.fixture
def roles() -> Roles:
    """One keyring in memory, as each role sees it."""
    return MemoryKeyring().as_role


class TestMemoryKeyring(KeyringConformance):
    """Every rule of a keyring, on the one in memory."""


class TestDestroyingMany(DestroyingManyConformance):
    """Every rule of records that go together, on the keyring in memory."""


class TestTakingBack(TakingBackConformance):
    """Every rule of provisional holds, on the keyring in memory."""


async def test_stopped_keyring_is_unavailable() -> None:
    """P30: a keyring that is away never answers shredded."""
    keyring = MemoryKeyring()
    record = await make_quote(keyring.as_role)
    keyring.stop()
    with pytest.raises(KeyringUnavailable):
        await keyring.open_keys([(record, "quote")])
    keyring.start()
    assert (await keyring.open_keys([(record, "quote")]))[record, "quote"]
