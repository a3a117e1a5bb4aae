"""What a service stands on: everything real, made once and handed in."""

from dataclasses import dataclass
from pathlib import Path

from libs.doors.links import Links
from libs.events.clock import Clock
from libs.events.database import Pool
from libs.events.handle import Desk, Stamp
from libs.events.ids import Ids
from libs.events.log import EventLog
from libs.events.values import Owner
from libs.keyring.blind_index import BlindIndex
from libs.keyring.keyring import Keyring
from libs.policy.policy import Policy


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
    blind_index: BlindIndex
    policy: Policy
    links: Links
    public_url: str
    secrets_dir: Path
    home: Path
    keys_dir: Path
