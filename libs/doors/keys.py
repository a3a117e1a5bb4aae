"""What every door of an app needs at hand: the clock, the keys it trusts, and kept answers."""

import hmac
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fastapi import Request

from libs.doors.earlier import EarlierAnswers
from libs.doors.key_file import split_keys
from libs.doors.tokens import TokenVerifier
from libs.events.clock import Clock
from libs.events.database import Pool

SECRET_BYTES_MIN = 32


@dataclass(frozen=True)
class DoorKeys:
    """The clock and keys of one app's doors; handed to `make_app`, read by its dependencies.

    Shape: `secret` is the service's own; what it signs is kept apart by purpose. It is not the
    link secret, because that one changes, and a repeated request must find its answer again.
    """

    clock: Clock
    tokens: TokenVerifier
    pool: Pool
    secret: bytes = field(repr=False)

    @cached_property
    def answers(self) -> EarlierAnswers:
        """What the app has answered before."""
        return EarlierAnswers(self.pool)

    @cached_property
    def of_idempotency(self) -> bytes:
        """The secret under which keys and bodies of writes are kept."""
        return self.secret_for("idempotency")

    def secret_for(self, purpose: str) -> bytes:
        """A secret of its own for one purpose."""
        return hmac.digest(self.secret, f"flux3d.doors.{purpose}.1".encode(), "sha256")


def keys_of(request: Request) -> DoorKeys:
    """The keys of the app that this request came to."""
    keys: DoorKeys = request.app.state.door_keys
    return keys


def link_secrets(secrets_dir: Path, service: str) -> Path:
    """Where the secrets lie with which a service signs its links."""
    return secrets_dir / f"link-{service}.key"


def read_link_secret(secrets_dir: Path, service: str) -> bytes:
    """The secret with which a service signs its links now.

    Raises: FileNotFoundError, when the setup has not made it; ValueError, when it is too short.
    """
    return _read_secret(link_secrets(secrets_dir, service))


def read_door_secret(secrets_dir: Path, service: str) -> bytes:
    """The secret under which a service keeps idempotency keys and signs cursors.

    Raises: FileNotFoundError, when the setup has not made it; ValueError, when it is too short.
    """
    return _read_secret(secrets_dir / f"door-{service}.key")


def _read_secret(path: Path) -> bytes:
    newest, _ = split_keys(path.read_text(encoding="ascii"))[0]
    secret = bytes.fromhex(newest)
    if len(secret) < SECRET_BYTES_MIN:
        message = f"the secret in {path.name} is shorter than {SECRET_BYTES_MIN} bytes"
        raise ValueError(message)
    return secret
