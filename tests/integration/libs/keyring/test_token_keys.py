"""Epoch keys in a real PKCS#11 token: what holds for files holds for them, rounds included."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pkcs11
import pytest
from pkcs11.exceptions import AttributeSensitive

from deploy.native import soft_token
from deploy.native.stack import CHECKOUT
from deploy.native.testing import FreshDatabase
from libs.keyring.epoch_keys import EpochKeyGone, FileEpochKeys, NotWrappedHere
from libs.keyring.keys import DataKey, bound_to
from libs.keyring.rounds import Step
from libs.keyring.testing.conformance import make_quote, new_id
from libs.keyring.token_keys import Token, TokenAway, TokenEpochKeys
from libs.runtime.ground import make_epoch_keys
from libs.runtime.settings import ServiceSettings, SharedSettings
from tests.integration.libs.keyring.instances import ROLES, Instances
from tests.integration.libs.keyring.shredding import Shreds

SECRET = b"s" * 32
RECORD = new_id()
PLACE = bound_to(RECORD, "quote", revision=1, epoch=1)
LABEL, PIN = "flux3d", "1234"
DESTROY = """
from pathlib import Path
from libs.keyring.token_keys import Token, TokenEpochKeys
TokenEpochKeys(Token(Path({module!r}), {label!r}, {pin!r})).destroy(1)
"""


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    """A token of this process's own; its library reads where it is when it is loaded."""
    soft_token.fetch()
    folder = tmp_path_factory.mktemp("token")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in soft_token.make_token(folder, label=LABEL, pin=PIN).items():
            environment.setenv(name, value)
        yield Token(soft_token.module(), LABEL, PIN)


@pytest.fixture
def keys(token: Token) -> Iterator[TokenEpochKeys]:
    """The token with one epoch, empty again afterwards."""
    keys = TokenEpochKeys(token)
    keys.create(1)
    yield keys
    for epoch in range(1, 6):
        keys.destroy(epoch)


def test_wrapped_secret_opens_in_its_place(keys: TokenEpochKeys) -> None:
    """What was wrapped comes back, and takes sixty bytes as with a file."""
    wrapped = keys.wrap(1, SECRET, PLACE)
    assert (keys.unwrap(1, wrapped, PLACE), len(wrapped)) == (SECRET, 60)


@pytest.mark.parametrize(
    "elsewhere",
    [
        bound_to(new_id(), "quote", revision=1, epoch=1),
        bound_to(RECORD, "billing", revision=1, epoch=1),
        bound_to(RECORD, "quote", revision=2, epoch=1),
        bound_to(RECORD, "quote", revision=1, epoch=2),
    ],
    ids=["record", "category", "revision", "epoch"],
)
def test_wrapped_secret_opens_nowhere_else(keys: TokenEpochKeys, elsewhere: bytes) -> None:
    """P34: the token binds a key to its row as a file does."""
    with pytest.raises(NotWrappedHere):
        keys.unwrap(1, keys.wrap(1, SECRET, PLACE), elsewhere)


@pytest.mark.parametrize("damaged", [b"", b"short", bytes(60)], ids=["empty", "cut", "overwritten"])
def test_damaged_bytes_are_no_trouble_of_the_token(keys: TokenEpochKeys, damaged: bytes) -> None:
    """A token calls both a general error; only one of them means *wait and try again*."""
    with pytest.raises(NotWrappedHere):
        keys.unwrap(1, damaged, PLACE)


def test_key_never_leaves_the_token(keys: TokenEpochKeys) -> None:
    """Not even its owner reads it."""
    with pytest.raises(AttributeSensitive):
        _ = keys._key(1)[pkcs11.Attribute.VALUE]


def test_epoch_is_made_and_destroyed_as_often_as_asked(keys: TokenEpochKeys) -> None:
    """A round that is taken up asks again: the key stays the one it was, and stays gone."""
    wrapped = keys.wrap(1, SECRET, PLACE)
    keys.create(1)
    keys.create(2)
    assert (keys.current(), keys.unwrap(1, wrapped, PLACE)) == (2, SECRET)
    keys.destroy(1)
    keys.destroy(1)
    with pytest.raises(EpochKeyGone):
        keys.unwrap(1, wrapped, PLACE)


def test_key_that_another_process_destroyed_is_gone_here_at_once(
    keys: TokenEpochKeys, token: Token
) -> None:
    """A handle that this process holds opens nothing any more."""
    wrapped = keys.wrap(1, SECRET, PLACE)
    script = DESTROY.format(module=str(token.module), label=token.label, pin=token.pin)
    subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, env=os.environ, check=True)
    with pytest.raises(EpochKeyGone):
        keys.unwrap(1, wrapped, PLACE)


def test_threads_take_turns_at_the_token(keys: TokenEpochKeys) -> None:
    """A probe asks from a thread of its own while keys are wrapped."""

    def ask(_: int) -> tuple[int, bytes]:
        return keys.current(), keys.unwrap(1, keys.wrap(1, SECRET, PLACE), PLACE)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(400))) == {(1, SECRET)}


def test_token_that_cannot_be_entered_is_away(keys: TokenEpochKeys, token: Token) -> None:
    """That is an outage, never an erasure, and the PIN is in no message."""
    del keys
    absent = Token(token.module, "no such token", PIN)
    with pytest.raises(TokenAway) as away:
        TokenEpochKeys(absent).wrap(1, SECRET, PLACE)
    assert PIN not in f"{away.value} {absent!r}"


@pytest.fixture
async def shreds(
    database: Callable[[str], FreshDatabase], tmp_path: Path, keys: TokenEpochKeys, token: Token
) -> AsyncIterator[Shreds]:
    """Rounds over a keyring whose epoch keys are in the token."""
    del keys
    instances = Instances(database("keyring"), tmp_path, lambda _: TokenEpochKeys(token))
    async with instances.open_pools:
        for role in ROLES:
            await instances.connect(role)
        yield Shreds(instances, tmp_path / "backups")


async def test_round_destroys_the_old_epoch_in_the_token(
    shreds: Shreds, keys: TokenEpochKeys
) -> None:
    """Living keys are wrapped anew by the token, and the old epoch opens nothing."""
    wrapped = keys.wrap(1, SECRET, PLACE)
    _, living = await shreds.one_goes_of(3)
    one = await shreds.shredder().run()
    new = await make_quote(shreds.instances)
    places = [(record, "quote") for record in (*living, new)]
    opened = await shreds.instances.another("quotes").open_keys(places)
    assert one is not None
    assert (one.state, one.keys_rewrapped, keys.current()) == (Step.TOLD, 2, 2)
    assert all(isinstance(key, DataKey) for key in opened.values())
    with pytest.raises(EpochKeyGone):
        keys.unwrap(1, wrapped, PLACE)


def test_services_use_the_token_that_the_stack_names(
    keys: TokenEpochKeys, token: Token, tmp_path: Path
) -> None:
    """With FLUX3D_PKCS11_MODULE keys are asked of the token, and of files without it."""
    (tmp_path / "pkcs11.pin").write_text(f"{PIN}\n", encoding="ascii")
    settings = ServiceSettings.model_construct(secrets_dir=tmp_path, keys_dir=tmp_path)
    named = SharedSettings(pkcs11_module=token.module, pkcs11_token=LABEL)
    found = make_epoch_keys(settings, named)
    assert found.unwrap(1, keys.wrap(1, SECRET, PLACE), PLACE) == SECRET
    assert isinstance(make_epoch_keys(settings, SharedSettings()), FileEpochKeys)
