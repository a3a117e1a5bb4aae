"""Settings are read once, refuse what nobody knows, and never print a secret."""

from pathlib import Path

import pytest
from pydantic import Field, ValidationError
from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import ServiceSettings, SharedSettings, require_tls


class SmallSettings(ServiceSettings):
    """A service with one setting of its own."""

    model_config = SettingsConfigDict(env_prefix="FLUX3D_SMALL_")

    pause_seconds: float = Field(default=1.0, description="How long it rests.")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The least that a service must be told."""
    for name, value in {
        "HTTP_PORT": "8451",
        "DATABASE_URL": "postgresql://small:CANARY@127.0.0.1/small",
        "KEYRING_URL": "postgresql://small:CANARY@127.0.0.1/keyring",
        "KAFKA_SERVERS": "127.0.0.1:8461",
        "PUBLIC_URL": "https://localhost:8443",
        "KEYS_DIR": "keys",
        "SECRETS_DIR": "secrets",
    }.items():
        monkeypatch.setenv(f"FLUX3D_SMALL_{name}", value)
    return monkeypatch


def test_settings_come_from_the_environment_and_do_not_change(
    environment: pytest.MonkeyPatch,
) -> None:
    """Each variable is one field, typed; what was read stays."""
    environment.setenv("FLUX3D_SMALL_PAUSE_SECONDS", "2.5")
    settings = SmallSettings()
    assert (settings.http_port, settings.pause_seconds) == (8451, 2.5)
    assert settings.keys_dir == Path("keys")
    with pytest.raises(ValidationError):
        settings.__setattr__("http_port", 1)


def test_secrets_are_never_printed(environment: pytest.MonkeyPatch) -> None:
    """Neither the settings nor an error about them show a password."""
    assert "CANARY" not in repr(SmallSettings())
    environment.setenv("FLUX3D_SMALL_HTTP_PORT", "none")
    with pytest.raises(ValidationError) as caught:
        SmallSettings()
    assert "CANARY" not in str(caught.value)


def test_unknown_variable_of_the_service_is_an_error(environment: pytest.MonkeyPatch) -> None:
    """A misspelt setting is not silently the default."""
    environment.setenv("FLUX3D_SMALL_PAUSE_SECOND", "2.5")
    with pytest.raises(ValidationError, match="FLUX3D_SMALL_PAUSE_SECOND") as caught:
        SmallSettings()
    assert "CANARY" not in str(caught.value)


def test_missing_setting_is_named(environment: pytest.MonkeyPatch) -> None:
    """Secrets and addresses have no default."""
    environment.delenv("FLUX3D_SMALL_DATABASE_URL")
    with pytest.raises(ValidationError, match="database_url"):
        SmallSettings()


def test_production_has_the_real_clock_and_is_the_default(environment: pytest.MonkeyPatch) -> None:
    """A clock that can be moved is for shows only."""
    for name in ("HOME", "ENVIRONMENT", "CLOCK", "ROLE"):
        environment.delenv(f"FLUX3D_{name}", raising=False)
    assert SharedSettings().environment == "production"
    environment.setenv("FLUX3D_CLOCK", "movable")
    with pytest.raises(ValidationError, match="real clock"):
        SharedSettings()
    environment.setenv("FLUX3D_ENVIRONMENT", "development")
    assert SharedSettings().clock == "movable"


def test_production_is_reached_by_tls(environment: pytest.MonkeyPatch) -> None:
    """Without TLS in front a production service does not start."""
    environment.setenv("FLUX3D_ENVIRONMENT", "production")
    environment.setenv("FLUX3D_CLOCK", "real")
    require_tls(SharedSettings(), "https://flux3d.example")
    with pytest.raises(ValueError, match="https"):
        require_tls(SharedSettings(), "http://flux3d.example")
