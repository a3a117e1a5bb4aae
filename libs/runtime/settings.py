"""The settings every service has; each subclass names its own beside them.

Shape: `FLUX3D_<SERVICE>_<THING>_<UNIT>`; an unknown variable with the service's prefix is an error.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class UnknownSetting(ValueError):
    """A variable has a service's prefix and is no setting of it; most likely it is misspelt."""


class ServiceSettings(BaseSettings):
    """What a service is told when it starts; a subclass sets its `env_prefix`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    http_port: int = Field(ge=1, le=65535, description="Where its own HTTP answers, on 127.0.0.1.")
    database_url: SecretStr = Field(description="Its own database, as its own role.")
    keyring_url: SecretStr = Field(description="The keyring's database, as its own role.")
    kafka_servers: str = Field(description="Where Kafka is first reached, host:port.")
    public_url: str = Field(description="What people outside type before /api.")
    keys_dir: Path = Field(description="Epoch keys and signing keys.")
    secrets_dir: Path = Field(description="Link secrets and the key that verifies tokens.")
    wakes_port: int | None = Field(
        default=None, ge=1, le=65535, description="HTTP_PORT of the process that has the relay."
    )
    smtp_port: int = Field(default=8464, ge=1, le=65535, description="The local SMTP server.")

    @model_validator(mode="after")
    def _no_unknown_variables(self) -> Self:
        unknown = unknown_variables(type(self), os.environ)
        if unknown:
            message = f"unknown settings: {', '.join(unknown)}"
            raise UnknownSetting(message)
        return self


class SharedSettings(BaseSettings):
    """What a whole stack is told, the same for every process."""

    model_config = SettingsConfigDict(
        env_prefix="FLUX3D_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    home: Path = Field(default=Path(".local"), description="Where the stack keeps its state.")
    environment: Literal["development", "production"] = Field(
        default="production", description="What it may do; production refuses a movable clock."
    )
    clock: Literal["real", "movable"] = Field(default="real", description="Whose time it is.")
    role: Literal["all", "http", "bus"] = Field(
        default="all", description="Doors, bus, or both in one process."
    )
    instance: str = Field(
        default="0", description="Which of several processes of a service this is."
    )
    pkcs11_module: Path | None = Field(
        default=None,
        description="The library of the token that keeps the epoch keys; without it files do.",
    )
    pkcs11_token: str = Field(default="flux3d", description="The label of that token.")
    otlp_endpoint: str | None = Field(
        default=None, description="Where spans go; without it they go nowhere."
    )
    trace_sampled_percent: float = Field(
        default=10.0, ge=0, le=100, description="How many of the traces begun here are kept."
    )
    outbox_rows_max: int = Field(
        default=1_000_000,
        ge=1,
        description="How many facts may wait for Kafka before writes are turned away.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least of what is logged."
    )

    @model_validator(mode="after")
    def _production_has_the_real_clock(self) -> Self:
        if self.environment == "production" and self.clock != "real":
            message = "a production stack has the real clock; FLUX3D_CLOCK=movable is for shows"
            raise ValueError(message)
        return self


def require_tls(shared: SharedSettings, public_url: str) -> None:
    """Refuse a production stack that people would reach without TLS.

    Raises: ValueError, when they would.
    """
    if shared.environment == "production" and not public_url.startswith("https://"):
        message = "a production stack is reached by https; the public URL says otherwise"
        raise ValueError(message)


def unknown_variables(settings: type[ServiceSettings], environment: Mapping[str, str]) -> list[str]:
    """The variables with the prefix of these settings that name none of them."""
    prefix = settings.model_config.get("env_prefix", "").upper()
    known = {f"{prefix}{name}".upper() for name in settings.model_fields}
    if not prefix:
        return []
    return sorted(
        name
        for name in environment
        if name.upper().startswith(prefix) and name.upper() not in known
    )
