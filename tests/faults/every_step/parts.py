"""What the flows stand on: fresh databases, a bucket, keys and a home, as children may be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from deploy.native.postgres_install import programs
from deploy.native.stack import DATABASES, KEYRING_BACKUP, Stack
from deploy.native.testing import FreshDatabase
from libs.events.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Real parts that no other test uses."""

    stack: Stack
    home: Path
    databases: Mapping[str, FreshDatabase]
    bucket: str

    @classmethod
    def of(cls, stack: Stack) -> "Parts":
        """The own parts of a whole stack."""
        databases = {kind: FreshDatabase(stack, kind, kind) for kind in DATABASES}
        return cls(stack=stack, home=stack.home, databases=databases, bucket="invoices")

    @property
    def keys(self) -> Path:
        """Epoch keys and the certificate key."""
        return self.home / "keys"

    @property
    def keyring_backups(self) -> Path:
        """Where a shred round copies the keyring."""
        return self.home / "backups"

    def settings(self, service: str) -> dict[str, Any]:
        """What a service is told when it starts."""
        stack, keyring = self.stack, self.databases["keyring"]
        return {
            "http_port": stack.ports.service(service),
            "database_url": self.databases[service].url(),
            "keyring_url": keyring.url(service),
            "kafka_servers": stack.kafka_servers,
            "public_url": stack.gateway_url,
            "keys_dir": self.keys,
            "secrets_dir": stack.secrets,
            "smtp_port": stack.ports.smtp,
            "s3_endpoint": stack.s3_endpoint,
            "s3_access_key": stack.secret("s3-access.key"),
            "s3_secret_key": stack.secret("s3-secret.key"),
            "s3_bucket": self.bucket,
            "keyring_backup_url": keyring.url(KEYRING_BACKUP),
            "keyring_backups_dir": self.keyring_backups,
            "postgres_programs_dir": programs(),
        }


class Sight:
    """Looks into the databases as their superuser, over connections that stay open."""

    def __init__(self, parts: Parts) -> None:
        """Look at these parts; nothing is opened yet."""
        self.parts = parts
        self._open: dict[str, asyncpg.Connection] = {}

    async def rows(self, kind: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query of the tests finds in a database."""
        if kind not in self._open:
            self._open[kind] = await asyncpg.connect(self.parts.databases[kind].url("superuser"))
        return [tuple(row) for row in await self._open[kind].fetch(QUERIES[query], *values)]

    async def end_leases(self, _: object) -> None:
        """Let the minute pass for which a dead process had leased the effects it began."""
        for kind in self.parts.databases:
            if kind != "keyring":
                await self.rows(kind, "end_leases")

    async def close(self) -> None:
        """Close the connections."""
        for connection in self._open.values():
            await connection.close()
