"""Where one stack keeps its state and on which ports it answers; reads and writes nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CHECKOUT = Path(__file__).resolve().parents[2]
DEPLOY = CHECKOUT / "deploy"
PORT_BASE = 8440
SERVICES = ("quotes", "consent", "retention", "billing")
BUSY_DOORS = ("quotes", "consent")
"""The services whose doors may be a process of their own beside the one that does the rest."""
DATABASES = (*SERVICES, "keyring")
OWNER = "flux3d_owner"
KEYRING_BACKUP = "keyring_backup"
REPLICATOR = "replicator"
ROLES = (OWNER, *SERVICES, "operator", KEYRING_BACKUP, REPLICATOR)
BUCKETS = ("invoices", "files")

ClockKind = Literal["real", "movable"]
DoorsKind = Literal["shared", "own"]


def _doors_kind(text: str) -> DoorsKind:
    match text:
        case "shared" | "own":
            return text
        case _:
            message = f"FLUX3D_DOORS is shared or own, not {text!r}"
            raise ValueError(message)


def doors_program(service: str) -> str:
    """What the doors of a service are called where they are a program of their own."""
    return f"{service}-doors"


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port of a stack, counted from one base."""

    base: int

    @property
    def gateway(self) -> int:
        """HTTPS for everyone outside."""
        return self.base + 3

    def service(self, name: str) -> int:
        """HTTP of one service, for the gateway and for probes."""
        return self.base + 11 + SERVICES.index(name)

    def doors(self, name: str) -> int:
        """HTTP of a service's doors where they are a process of their own."""
        return self.base + 15 + BUSY_DOORS.index(name)

    @property
    def postgres(self) -> int:
        """The one cluster with all the databases."""
        return self.base + 20

    @property
    def kafka(self) -> int:
        """The broker's listener for clients."""
        return self.base + 21

    @property
    def kafka_controller(self) -> int:
        """The broker's listener for its own quorum."""
        return self.base + 22

    @property
    def s3(self) -> int:
        """The object store."""
        return self.base + 23

    @property
    def smtp(self) -> int:
        """The mail sink."""
        return self.base + 24

    @property
    def supervisor(self) -> int:
        """Where supervisord takes commands, behind a password."""
        return self.base + 25

    def all(self) -> list[int]:
        """Every one of them."""
        servers = [self.postgres, self.kafka, self.kafka_controller, self.s3, self.smtp]
        services = [*map(self.service, SERVICES), *map(self.doors, BUSY_DOORS)]
        return [self.gateway, *services, *servers, self.supervisor]


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack: its folder, its ports, its clock. Two with other folders and ports can coexist.

    Shape: `doors` says whether the busy doors share a process with the rest of their service.
    """

    home: Path
    ports: Ports
    clock: ClockKind = "real"
    doors: DoorsKind = "shared"

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, *, clock: ClockKind = "real"
    ) -> Stack:
        """The stack that FLUX3D_HOME and FLUX3D_PORT_BASE name, or the default one.

        Raises: ValueError, when FLUX3D_DOORS is neither shared nor own.
        """
        variables = os.environ if environment is None else environment
        home = Path(variables.get("FLUX3D_HOME", ".local")).expanduser()
        base = int(variables.get("FLUX3D_PORT_BASE", PORT_BASE))
        doors = _doors_kind(variables.get("FLUX3D_DOORS", "shared"))
        return cls(home=CHECKOUT / home, ports=Ports(base), clock=clock, doors=doors)

    @property
    def run(self) -> Path:
        """Rendered configuration and pid files."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        """Passwords and signing keys, readable by their owner only."""
        return self.home / "secrets"

    @property
    def keys(self) -> Path:
        """Epoch keys and the certificate key; never in a backup of Postgres."""
        return self.home / "keys"

    @property
    def backups(self) -> Path:
        """Backups of the whole stack, each in a folder of its own; no epoch key is in any."""
        return self.home / "backups" / "whole"

    @property
    def keyring_backups(self) -> Path:
        """The newest backup of the keyring, which opens with the keys of living epochs only."""
        return self.home / "backups" / "keyring"

    @property
    def journal(self) -> Path:
        """The erasure journal, which outlives every restore."""
        return self.home / "journal" / "erasures.jsonl"

    @property
    def postgres(self) -> Path:
        """The cluster's folder; may be a link where Postgres's user cannot reach the home."""
        return self.home / "postgres"

    @property
    def mailbox(self) -> Path:
        """What has left our hands by mail."""
        return self.home / "outside" / "mailbox"

    @property
    def gateway_root(self) -> Path:
        """The certificate authority that clients of the gateway trust."""
        return self.home / "caddy-root.crt"

    @property
    def gateway_url(self) -> str:
        """What people outside type."""
        return f"https://localhost:{self.ports.gateway}"

    @property
    def kafka_servers(self) -> str:
        """What a Kafka client is given to begin with."""
        return f"127.0.0.1:{self.ports.kafka}"

    @property
    def s3_endpoint(self) -> str:
        """Host and port of the object store, as the minio client wants it."""
        return f"127.0.0.1:{self.ports.s3}"

    def service_url(self, name: str) -> str:
        """A service's own address, behind the gateway."""
        return f"http://127.0.0.1:{self.ports.service(name)}"

    def doors_port(self, name: str) -> int:
        """Where the gateway finds a service's doors."""
        is_own = self.doors == "own" and name in BUSY_DOORS
        return self.ports.doors(name) if is_own else self.ports.service(name)

    def own_doors_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """The programs that are doors of these services and nothing else, if the stack has such."""
        busy = [name for name in BUSY_DOORS if name in names]
        return tuple(map(doors_program, busy)) if self.doors == "own" else ()

    def secret(self, name: str) -> str:
        """The content of a secret made at setup.

        Raises: FileNotFoundError, when the stack was never set up.
        """
        return (self.secrets / name).read_text(encoding="ascii").strip()

    def database_url(self, role: str, database: str) -> str:
        """How a role reaches a database, password included."""
        password = self.secret(f"postgres-{role}.password")
        address = f"127.0.0.1:{self.ports.postgres}/{database}"
        return f"postgresql://{role}:{password}@{address}?sslmode=disable"
