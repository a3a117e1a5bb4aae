"""What a service stands on: everything real, made once and handed in."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from libs.doors.keys import link_secrets
from libs.doors.links import Links
from libs.events.clock import Clock, MovableClock, RealClock
from libs.events.database import Pool
from libs.events.handle import Desk, Stamp
from libs.events.ids import Ids, RealIds
from libs.events.log import EventLog
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner
from libs.keyring.blind_index import BlindIndex, read_blind_index
from libs.keyring.cache import RECORDS_MAX, KeyCache
from libs.keyring.epoch_keys import EpochVault, FileEpochKeys
from libs.keyring.journal import FILE_NAME, Journal
from libs.keyring.journal_mark import PostgresJournalMark
from libs.keyring.journaling import FileJournaling, Journaling
from libs.keyring.keyring import Keyring
from libs.keyring.postgres_keyring import PostgresKeyring
from libs.policy.loader import load_policy
from libs.policy.policy import Policy
from libs.runtime.settings import ServiceSettings, SharedSettings

CONNECTIONS_MAX = 8
KEYRING_CONNECTIONS_MAX = 4
CONNECT_SECONDS_MAX = 5
STATEMENT_SECONDS_MAX = 60


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What `build` of a service is handed."""

    owner: Owner
    clock: Clock
    ids: Ids
    pool: Pool
    log: EventLog
    desk: Desk
    stamp: Stamp
    keyring: Keyring
    keyring_pool: Any
    epoch_keys: EpochVault
    blind_index: BlindIndex
    policy: Policy
    links: Links
    public_url: str
    secrets_dir: Path
    home: Path
    keys_dir: Path
    journal: Path
    journaling: Journaling


@dataclass(frozen=True, kw_only=True)
class Pools:
    """The connections of one process: to its own database and to the keyring."""

    own: Any
    keyring: Any

    async def close(self) -> None:
        """Give all connections back, and close them."""
        await self.own.close()
        await self.keyring.close()


async def open_pools(owner: Owner, settings: ServiceSettings) -> Pools:
    """Pools that connect when they are first used, so that nobody has to be there yet."""
    return Pools(
        own=await open_pool(settings.database_url.get_secret_value(), f"{owner}", CONNECTIONS_MAX),
        keyring=await open_pool(
            settings.keyring_url.get_secret_value(), f"{owner}.keyring", KEYRING_CONNECTIONS_MAX
        ),
    )


async def open_pool(url: str, name: str, connections_max: int) -> Any:
    """A pool as every service has them, unconnected; `name` is what Postgres calls it."""
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=connections_max,
        max_inactive_connection_lifetime=0,
        timeout=CONNECT_SECONDS_MAX,
        command_timeout=STATEMENT_SECONDS_MAX,
        reset=_as_it_is,
        server_settings={"application_name": f"flux3d.{name}"},
    )


async def _as_it_is(_: Any) -> None:
    """A connection is lent again as it is; a transaction left open was rolled back before.

    Why: asyncpg's own clean-up is one more round trip after each use. There is nothing to clean:
    settings end with their transaction, and a lock of a session ends with its connection.
    """


def make_clock(shared: SharedSettings) -> Clock:
    """The machine's clock, or the one that a show may move."""
    if shared.clock == "movable":
        return MovableClock(shared.home / "clock.json")
    return RealClock()


def make_ground(
    log: PostgresLog,
    stamp: Stamp,
    pools: Pools,
    settings: ServiceSettings,
    shared: SharedSettings,
) -> Ground:
    """Everything a service is handed, made of what the stack's folders hold.

    Raises: FileNotFoundError, when the setup has not made a secret; PolicyUnreadable.
    """
    cache, epoch_keys = make_key_cache(shared), make_epoch_keys(settings, shared)
    journal = shared.home / FILE_NAME
    mark = PostgresJournalMark(pools.keyring)
    return Ground(
        owner=stamp.owner,
        clock=stamp.clock,
        ids=stamp.ids,
        pool=pools.own,
        log=log,
        desk=Desk(log=log, stamp=stamp),
        stamp=stamp,
        keyring=PostgresKeyring(pools.keyring, epoch_keys, cache),
        keyring_pool=pools.keyring,
        epoch_keys=epoch_keys,
        blind_index=read_blind_index(settings.secrets_dir / "blind-index.key"),
        policy=load_policy(),
        links=Links.from_file(link_secrets(settings.secrets_dir, stamp.owner)),
        public_url=settings.public_url.rstrip("/"),
        secrets_dir=settings.secrets_dir,
        home=shared.home,
        keys_dir=settings.keys_dir,
        journal=journal,
        journaling=FileJournaling(Journal(journal), mark, stamp.clock),
    )


def make_key_cache(shared: SharedSettings) -> KeyCache:
    """What a process may remember of keys: nothing where it hears nobody say that one is gone.

    Source: D8.
    """
    hears = shared.role != "http"
    return KeyCache(time.monotonic, records_max=RECORDS_MAX if hears else 0)


def make_epoch_keys(settings: ServiceSettings, shared: SharedSettings) -> EpochVault:
    """Epoch keys in files, or in the token that the stack names, entered by `pkcs11.pin`.

    Raises: FileNotFoundError, when the PIN is not among the secrets.
    """
    if shared.pkcs11_module is None:
        return FileEpochKeys(settings.keys_dir)
    from libs.keyring.token_keys import Token, TokenEpochKeys

    pin = (settings.secrets_dir / "pkcs11.pin").read_text(encoding="ascii").strip()
    return TokenEpochKeys(Token(shared.pkcs11_module, shared.pkcs11_token, pin))


def make_stamp(owner: Owner, shared: SharedSettings) -> Stamp:
    """The service's envelopes, by the stack's clock and real ids."""
    return Stamp(owner=owner, clock=make_clock(shared), ids=RealIds())
